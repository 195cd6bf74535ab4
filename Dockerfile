# One image for the server, the worker and the migrations: `haat serve | worker | migrate`.
# docs/operating.md, "Containers", describes how to pin it by digest.
FROM python:3.11.14-slim-bookworm

WORKDIR /haat
RUN useradd --system --create-home haat
COPY requirements.lock pyproject.toml ./
RUN pip install --no-cache-dir --require-hashes -r requirements.lock
COPY . .
RUN pip install --no-cache-dir --no-deps --no-build-isolation -e . \
    && install -d -o haat /keys /outbox /objects
USER haat

# Nothing is written outside of the volumes and /tmp, so the file system can be read-only.
ENV ENVIRONMENT=production HOST=0.0.0.0 PORT=8000 PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    HEARTBEAT_FILE=/tmp/worker-heartbeat
EXPOSE 8000
# Of the server. For a worker: python -m core.runtime.health worker $HEARTBEAT_FILE, see compose.yaml.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
    CMD python -m core.runtime.health server "$PORT"
CMD ["haat", "serve"]
