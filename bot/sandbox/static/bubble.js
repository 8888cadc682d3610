// One message as it looks in a chat.

import { button, h, icon } from './dom.js';
import { opens, rich, tapOn } from './rich.js';

const NOTES = {
  failed: () => '该公众号暂时无法提供服务，请稍后再试',
  scan: ({ scene }) => `扫了「${scene}」的二维码`,
  follow: ({ scene }) => (scene ? `扫「${scene}」的二维码，关注了仪享` : '您关注了仪享'),
  leave: () => '您已不再关注仪享',
  error: ({ words }) => words,
};

function text({ text: words }, { onTap }) {
  return h('div', { class: 'bubble' }, rich(words, onTap));
}

function news({ title, description, picture, url }) {
  const inside = [
    h('strong', {}, title),
    h('span', { class: 'about' }, description ?? ''),
    picture && opens(picture)
      ? h('img', { src: picture, alt: '' })
      : h('img', { src: 'static/account.svg', alt: '' }),
  ];
  return url && opens(url)
    ? h('a', { class: 'bubble card', href: url, target: '_blank', rel: 'noopener noreferrer' }, ...inside)
    : h('div', { class: 'bubble card' }, ...inside);
}

function image({ picture }) {
  return picture
    ? h('img', { class: 'bubble shot', src: picture, alt: '图片', on: { error: ({ target }) => target.replaceWith(h('div', { class: 'bubble' }, '[图片]')) } })
    : h('div', { class: 'bubble' }, '[图片]');
}

function place({ name, label, latitude, longitude }) {
  const where = label || `${latitude.toFixed(4)}, ${longitude.toFixed(4)}`;
  return h('div', { class: 'bubble place' },
    h('strong', {}, name || '位置'), h('span', { class: 'about' }, where),
    h('div', { class: 'map' }, icon('place')));
}

function template({ title, fields = [], url }) {
  const rows = fields.flatMap(({ name, value }) => [h('dt', {}, name), h('dd', {}, value)]);
  const more = url && opens(url)
    && h('a', { href: url, target: '_blank', rel: 'noopener noreferrer' }, '查看详情');
  return h('div', { class: 'bubble template' }, h('strong', {}, title), h('dl', {}, ...rows), more);
}

function menu({ head, list = [], tail }, { onTap }) {
  const lines = list.map(({ id, content }) =>
    h('div', {}, tapOn(content, { text: content, menu: String(id) }, onTap)));
  return h('div', { class: 'bubble' }, h('div', {}, head ?? ''), ...lines, tail ? h('div', {}, tail) : null);
}

const FORMS = { text, news, image, place, template, menu };

function note({ name, ...facts }, rawButton) {
  const words = (NOTES[name] ?? (() => name))(facts);
  return h('div', { class: `note ${name}` }, h('span', {}, words), rawButton);
}

/** A message's node. `phone` gives `avatar`, `onTap` and `onRaw`. */
export function bubble(message, phone) {
  const { number, side, form, facts } = message;
  const raw = button('看这条的报文', () => phone.onRaw(message), { class: 'raw' }, icon('code'));
  if (side === 'note') return note(facts, raw);
  const make = FORMS[form] ?? (() => h('div', { class: 'bubble' }, `[${form}]`));
  const own = side === 'own';
  return h('div', { class: `message ${side}`, 'data-number': number },
    h('img', { class: 'avatar', src: own ? phone.avatar : 'static/account.svg', alt: '' }),
    h('div', { class: 'said' }, h('span', { class: 'unseen' }, own ? '我：' : '仪享：'), make(facts, { onTap: (tap) => phone.onTap(tap) })),
    raw);
}
