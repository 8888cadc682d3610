// What slides up over a phone: scanning a code, a place, a picture, following and leaving.

import { button, h, icon } from './dom.js';

const SHOTS = [
  ['static/casting.jpg', '铸件'],
  ['static/soil.jpg', '土样'],
  ['static/plate.jpg', '铭牌'],
];

/** A sheet over the screen; only one is open at a time. */
export class Sheet {
  constructor(screen) {
    this.screen = screen;
    this.node = null;
  }

  /** Open with a title and content; focus goes in, and comes back when it is closed. */
  open(title, kind, ...content) {
    this.close();
    this.before = document.activeElement;
    this.node = h('div', { class: `sheet ${kind}`, role: 'dialog', 'aria-modal': 'true', 'aria-label': title },
      h('header', {}, h('h3', {}, title), button('关闭', () => this.close(), { class: 'round' }, icon('close'))),
      h('div', { class: 'content' }, ...content));
    this.veil = h('div', { class: 'veil', on: { click: () => this.close() } });
    this.screen.append(this.veil, this.node);
    this.node.addEventListener('keydown', (event) => this.trap(event));
    (this.node.querySelector('.content button, .content input') ?? this.node.querySelector('button'))
      .focus({ focusVisible: false });
  }

  trap(event) {
    if (event.key !== 'Tab') return;
    const all = [...this.node.querySelectorAll('button, input, a[href]')];
    const [first, last] = [all[0], all.at(-1)];
    const wrap = event.shiftKey ? first : last;
    if (document.activeElement !== wrap) return;
    event.preventDefault();
    (event.shiftKey ? last : first).focus();
  }

  /** Close; whether it was open. */
  close() {
    if (!this.node) return false;
    this.node.remove();
    this.veil.remove();
    this.node = null;
    this.before?.focus?.();
    return true;
  }
}

/** Choose a code to scan: one of `codes`, or any scene. `run(scene)` is called with it. */
export function scan(sheet, codes, run) {
  const done = (scene) => { sheet.close(); run(scene); };
  const input = h('input', { 'aria-label': 'YQ 编号或场景值', placeholder: 'YQ 编号，或任何场景值', maxlength: 64, autocomplete: 'off' });
  const form = h('form', { class: 'line', on: { submit: (event) => {
    event.preventDefault();
    if (input.value.trim()) done(input.value.trim());
  } } }, input, h('button', { class: 'go' }, '扫描'));
  sheet.open('扫一扫', 'scan',
    h('div', { class: 'finder', 'aria-hidden': 'true' }, h('i')),
    h('div', { class: 'choices' }, ...codes.map(({ scene, label }) =>
      h('button', { type: 'button', on: { click: () => done(scene) } }, h('strong', {}, scene), h('span', {}, label)))),
    form);
}

/** Choose a place to send. `run(place)` is called with it. */
export function place(sheet, places, run) {
  sheet.open('发送位置', 'places', h('div', { class: 'map', 'aria-hidden': 'true' }, icon('place')),
    h('div', { class: 'choices' }, ...places.map((one) =>
      h('button', { type: 'button', on: { click: () => { sheet.close(); run(one); } } },
        h('strong', {}, one.name), h('span', {}, one.label)))));
}

/** Choose a picture. `run(blob)` is called with its bytes. */
export function picture(sheet, run) {
  const done = (blob) => { sheet.close(); run(blob); };
  const file = h('input', { type: 'file', accept: 'image/jpeg,image/png', 'aria-label': '从本机选一张图片',
    on: { change: () => file.files[0] && done(file.files[0]) } });
  sheet.open('选一张图片', 'pictures',
    h('div', { class: 'shots' }, ...SHOTS.map(([src, name]) => h('button', {
      type: 'button', on: { click: async () => done(await (await fetch(src)).blob()) },
    }, h('img', { src, alt: '' }), h('span', {}, name)))),
    h('label', { class: 'file' }, '从本机选：', file));
}

/** Ask before leaving. */
export function leave(sheet, run) {
  sheet.open('不再关注', 'leaving',
    h('p', {}, '不再关注“仪享”后，将不再收到它下发的消息。'),
    h('div', { class: 'answers' },
      button('不再关注', () => { sheet.close(); run(); }, { class: 'danger' }),
      button('取消', () => sheet.close())));
}
