// The bar at the bottom of a chat: the account's menu, or the text input, and the "+" panel.

import { button, h, icon, toggle } from './dom.js';

const RECALLED = 50;

/** What was sent before, recalled with the arrow keys. */
class History {
  constructor() {
    this.lines = [];
    this.at = 0;
    this.draft = '';
  }

  add(line) {
    if (this.lines.at(-1) !== line) this.lines.push(line);
    this.lines = this.lines.slice(-RECALLED);
    this.at = this.lines.length;
  }

  move(by, present) {
    const to = this.at + by;
    if (to < 0 || to > this.lines.length) return null;
    if (this.at === this.lines.length) this.draft = present;
    this.at = to;
    return to === this.lines.length ? this.draft : this.lines[to];
  }
}

/** The bottom bar of one phone; `phone` gives `say(text)`, `press(entry)` and `open(sheet)`. */
export class Composer {
  constructor(phone) {
    this.phone = phone;
    this.history = new History();
    this.menu = [];
    this.area = h('textarea', {
      rows: 1, 'aria-label': `以${phone.name}的身份给仪享发消息`, enterkeyhint: 'send', maxlength: 2000,
      on: { input: () => this.changed(), keydown: (event) => this.key(event) },
    });
    this.go = button('发送', () => this.send(), { class: 'go', hidden: true });
    this.add = button('更多：扫一扫、位置、图片、关注', () => this.togglePlus(), { class: 'round', 'aria-expanded': 'false' }, icon('plus'));
    this.toMenu = button('换成菜单', () => this.mode('menu', true), { class: 'round', hidden: true }, icon('list'));
    this.typing = h('div', { class: 'typing-row' }, this.toMenu, this.area, this.add, this.go);
    this.entries = h('div', { class: 'entries' });
    this.tapping = h('div', { class: 'menu-row', hidden: true },
      button('换成键盘', () => this.mode('text', true), { class: 'round' }, icon('keys')), this.entries);
    this.plus = h('div', { class: 'plus', hidden: true, role: 'group', 'aria-label': '更多' });
    this.node = h('footer', { class: 'composer' }, this.typing, this.tapping, this.plus);
  }

  /** Show the menu or the text input. */
  mode(which, focus = false) {
    const menu = which === 'menu' && this.menu.length > 0;
    this.close();
    this.tapping.hidden = !menu;
    this.typing.hidden = menu;
    this.toMenu.hidden = this.menu.length === 0;
    if (focus) (menu ? this.entries.querySelector('button') : this.area).focus();
  }

  /** Put the account's menu in place: `[{name, sub_button: […]}]` as the platform keeps it. */
  setMenu(entries) {
    this.menu = entries;
    this.entries.replaceChildren(...entries.map((entry) => this.entry(entry)));
    this.mode(this.tapping.hidden && this.began ? 'text' : 'menu');
    this.began = true;
  }

  /** What "+" offers: `[{name, icon, run}]`. */
  setPlus(offers) {
    this.plus.replaceChildren(...offers.map(({ name, icon: shape, run }) =>
      h('button', { type: 'button', on: { click: () => { this.close(); run(); } } },
        h('span', { class: 'tile' }, icon(shape)), name)));
  }

  entry(entry) {
    const subs = entry.sub_button ?? [];
    if (!subs.length) return h('div', { class: 'entry' }, button(entry.name, () => this.phone.press(entry)));
    const pop = h('div', { class: 'pop', hidden: true }, ...subs.map((sub) =>
      button(sub.name, () => { this.closePops(); this.phone.press(sub); })));
    const opener = h('button', { type: 'button', 'aria-expanded': 'false', 'aria-haspopup': 'true', on: { click: () => {
      const open = pop.hidden;
      this.closePops();
      toggle(pop, open, opener);
      if (open) pop.querySelector('button').focus({ focusVisible: false });
    } } }, icon('bars', 'bars'), entry.name);
    return h('div', { class: 'entry', on: { keydown: (event) => walk(event, pop) } }, opener, pop);
  }

  togglePlus() {
    const open = this.plus.hidden;
    toggle(this.plus, open, this.add);
    if (open) this.plus.querySelector('button').focus({ focusVisible: false });
    this.phone.settle();
  }

  closePops() {
    let closed = false;
    for (const pop of this.entries.querySelectorAll('.pop:not([hidden])')) {
      const opener = pop.previousElementSibling;
      if (pop.contains(document.activeElement)) opener.focus();
      toggle(pop, false, opener);
      closed = true;
    }
    return closed;
  }

  /** Close what is open above the bar; whether anything was. */
  close() {
    if (this.closePops()) return true;
    if (this.plus.hidden) return false;
    if (this.plus.contains(document.activeElement)) this.add.focus();
    toggle(this.plus, false, this.add);
    return true;
  }

  changed() {
    this.area.style.height = 'auto';
    this.area.style.height = `${Math.min(this.area.scrollHeight, 129)}px`;
    const words = this.area.value.trim() !== '';
    this.go.hidden = !words;
    this.add.hidden = words;
  }

  fill(words) {
    this.area.value = words;
    this.changed();
    this.area.setSelectionRange(words.length, words.length);
  }

  send() {
    const words = this.area.value.trim();
    if (!words) return;
    this.phone.say(words);
    this.fill('');
    this.area.focus();
  }

  key(event) {
    if (event.isComposing) return;
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      this.send();
    } else if (event.key === 'ArrowUp' && !this.area.value.slice(0, this.area.selectionStart).includes('\n')) {
      this.recall(event, -1);
    } else if (event.key === 'ArrowDown' && !this.area.value.slice(this.area.selectionEnd).includes('\n')) {
      this.recall(event, 1);
    }
  }

  recall(event, by) {
    const line = this.history.move(by, this.area.value);
    if (line === null) return;
    event.preventDefault();
    this.fill(line);
  }
}

function walk(event, pop) {
  const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (!by || pop.hidden) return;
  event.preventDefault();
  const all = [...pop.querySelectorAll('button')];
  all.at((all.indexOf(document.activeElement) + by) % all.length).focus();
}
