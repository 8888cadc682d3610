// Raw messages made readable: indented and tinted, always as text nodes.

import { h } from './dom.js';

const TOKEN = /<!\[CDATA\[[\s\S]*?\]\]>|<\/?[^>]*>|[^<]+/g;

/** Break XML or JSON into lines, indented by two. */
export function pretty(text) {
  if (/^\s*[[{]/.test(text)) return prettyJson(text);
  if (!/^\s*</.test(text)) return text;
  const lines = [];
  let depth = 0;
  let line = '';
  const flush = () => { if (line.trim()) lines.push(line); line = ''; };
  for (const [token] of text.matchAll(TOKEN)) {
    if (/^<\//.test(token)) {
      depth = Math.max(0, depth - 1);
      if (line === '') line = '  '.repeat(depth);
      line += token;
      flush();
    } else if (/^<(?!!)/.test(token) && !/\/>$/.test(token)) {
      flush();
      line = '  '.repeat(depth) + token;
      depth += 1;
    } else if (token.trim()) line += token;
  }
  flush();
  return lines.join('\n');
}

function prettyJson(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/** The text as tinted spans. */
export function tinted(text) {
  const spans = [];
  for (const [token] of pretty(text).matchAll(TOKEN)) {
    if (token.startsWith('<![CDATA[')) {
      spans.push(h('span', { class: 'dim' }, '<![CDATA['), token.slice(9, -3), h('span', { class: 'dim' }, ']]>'));
    } else if (token.startsWith('<')) spans.push(h('span', { class: 'tag' }, token));
    else spans.push(token);
  }
  return spans;
}
