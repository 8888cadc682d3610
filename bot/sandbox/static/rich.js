// The tiny markup of WeChat's texts: <a href="…">label</a> and bare addresses. Anything else stays text.

import { h } from './dom.js';

const ANCHOR = /<a\s+([^<>]*)>([^<]*)<\/a>|https?:\/\/[A-Za-z0-9\-._~:/?#[\]@!$&()*+,;=%]+/gi;
const ATTRIBUTE = /([a-z-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/gi;
const TAP = /^weixin:\/\/bizmsgmenu\?(.*)$/i;

function hrefOf(attributes) {
  for (const [, name, double, single] of attributes.matchAll(ATTRIBUTE)) {
    if (name.toLowerCase() === 'href') return (double ?? single).replaceAll('&amp;', '&').trim();
  }
  return '';
}

function decoded(value) {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

/** What a tap sends: `{text, menu}`, or null when the address is no tap. */
export function tapOf(href) {
  const found = TAP.exec(href);
  if (!found) return null;
  const facts = {};
  for (const part of found[1].split('&')) {
    const at = part.indexOf('=');
    if (at > 0) facts[part.slice(0, at)] = decoded(part.slice(at + 1));
  }
  return facts.msgmenucontent ? { text: facts.msgmenucontent, menu: facts.msgmenuid ?? '' } : null;
}

/** Whether an address may be opened. */
export function opens(href) {
  return /^https?:\/\//i.test(href);
}

function linkTo(href, label) {
  return h('a', { href, target: '_blank', rel: 'noopener noreferrer' }, label);
}

/** Words that send `{text, menu}` when tapped: a link, so that long ones break like text. */
export function tapOn(label, tap, onTap) {
  const click = (event) => {
    event.preventDefault();
    onTap(tap);
  };
  return h('a', { href: '#', class: 'tap', on: { click } }, label);
}

function piece(match, onTap) {
  const [whole, attributes, label] = match;
  if (attributes === undefined) return linkTo(whole, whole);
  const href = hrefOf(attributes);
  const tap = tapOf(href);
  if (tap) return tapOn(label, tap, onTap);
  return opens(href) ? linkTo(href, label) : whole;
}

/** A text's nodes; `onTap({text, menu})` is called when a tap is tapped. */
export function rich(text, onTap) {
  const nodes = [];
  let from = 0;
  for (const match of text.matchAll(ANCHOR)) {
    nodes.push(text.slice(from, match.index), piece(match, onTap));
    from = match.index + match[0].length;
  }
  nodes.push(text.slice(from));
  return nodes.filter((node) => node !== '');
}
