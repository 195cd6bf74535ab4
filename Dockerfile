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

ENV ENVIRONMENT=production HOST=0.0.0.0 PORT=8000 PYTHONUNBUFFERED=1
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s \
    CMD python -c "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/health')"
CMD ["haat", "serve"]
