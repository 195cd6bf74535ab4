// Reads a JSON list of Dart sources, and prints the list of { text } or { error }.
import { format } from '@wasm-fmt/dart_fmt';
import { text } from 'node:stream/consumers';

const config = { line_width: 100, language_version: '3.8.0' };

function formatted(source) {
  try {
    return { text: format(source, 'guide.dart', config) };
  } catch (error) {
    return { error: String(error) };
  }
}

console.log(JSON.stringify(JSON.parse(await text(process.stdin)).map(formatted)));
