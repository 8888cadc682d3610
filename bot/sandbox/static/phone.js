// One follower's phone.

import { bubble } from './bubble.js';
import { Composer } from './composer.js';
import { button, h, icon } from './dom.js';
import { act, upload } from './live.js';
import { hour, separator } from './moment.js';
import { opens } from './rich.js';
import * as sheets from './sheets.js';

const PAUSE = 5 * 60e3;
const NEAR = 120;
const PATIENCE = 250;
const TYPING = 15e3;

/** A phone; `page` gives `places`, `codes`, `now()`, `showRaw(numbers)` and `unread(phone)`. */
export class Phone {
  constructor(facts, position, page) {
    Object.assign(this, { key: facts.key, name: facts.name, avatar: facts.avatar, page });
    this.numbers = new Set();
    this.unread = 0;
    this.composer = new Composer(this);
    this.title = h('span', { class: 'title' }, '仪享');
    this.hour = h('time', {});
    this.log = h('div', { class: 'log', role: 'log', tabindex: 0, 'aria-label': `${facts.name}与仪享的聊天` });
    this.fresh = button('有新消息', () => this.toEnd(), { class: 'fresh', hidden: true });
    this.profile = this.makeProfile();
    this.screen = h('div', { class: 'screen' },
      h('div', { class: 'status', 'aria-hidden': 'true' }, this.hour, icon('signal', 'signal')),
      h('div', { class: 'bar' }, icon('back'), this.title,
        this.person = button('不再关注', () => this.leave(), { class: 'round' }, icon('person'))),
      this.log, this.fresh, this.profile, this.composer.node);
    this.sheet = new sheets.Sheet(this.screen);
    this.node = h('section', { class: 'person', id: `phone-${facts.key}`, 'aria-label': `${facts.name}的手机` },
      this.makeHead(facts, position), h('div', { class: 'phone' }, this.screen));
    this.log.addEventListener('scroll', () => { if (this.atEnd()) this.fresh.hidden = true; });
    this.node.addEventListener('keydown', (event) => this.startTyping(event));
    this.setFollowing(facts.following);
  }

  makeHead(facts, position) {
    return h('header', { class: 'who' },
      h('img', { class: 'avatar', src: facts.avatar, alt: '' }),
      h('div', {}, h('h2', {}, facts.name), h('p', {}, facts.title)),
      h('kbd', { title: '切换到这部手机' }, `Alt+${position}`),
      h('div', { class: 'examples', role: 'group', 'aria-label': '试试' },
        h('span', { 'aria-hidden': 'true' }, '试试'),
        ...facts.examples.map((words) => button(words, () => this.say(words), { title: `发送「${words}」` }))));
  }

  makeProfile() {
    return h('div', { class: 'profile', hidden: true },
      h('img', { src: 'static/account.svg', alt: '' }), h('h3', {}, '仪享'),
      h('p', {}, '大型科研仪器设施共享服务：查仪器、约时间、用创新券。'),
      button('关注公众号', () => this.do('follow'), { class: 'go' }),
      button('扫仪器上的码关注', () => this.scan(), { class: 'plain' }));
  }

  /** Whether this phone follows the account. */
  setFollowing(following) {
    this.following = following;
    this.profile.hidden = following;
    this.person.classList.toggle('gone', !following);
    this.log.hidden = !following;
    this.composer.node.hidden = !following;
    this.sheet.close();
    this.composer.setPlus([
      { name: '扫一扫', icon: 'scan', run: () => this.scan() },
      { name: '位置', icon: 'place', run: () => sheets.place(this.sheet, this.page.places, (place) => this.do('place', place)) },
      { name: '图片', icon: 'picture', run: () => sheets.picture(this.sheet, (blob) => this.tryTo(upload(this.key, blob))) },
      { name: '不再关注', icon: 'leave', run: () => this.leave() },
    ]);
  }

  scan(kind = '') {
    sheets.scan(this.sheet, this.page.codes, (scene) => this.do('scan', { scene, kind }));
  }

  leave() {
    sheets.leave(this.sheet, () => this.do('leave'));
  }

  /** Send a text. */
  say(text) {
    this.composer.history.add(text);
    this.do('say', { text });
  }

  onTap({ text, menu }) {
    this.do('say', { text, menu });
  }

  onRaw(message) {
    this.page.showRaw(message);
  }

  /** Press an entry of the account's menu. */
  press(entry) {
    const kind = entry.type ?? 'click';
    if (kind.startsWith('scancode')) this.scan(`${kind} ${entry.key}`);
    else if (kind === 'location_select') sheets.place(this.sheet, this.page.places, (place) => this.do('place', place));
    else if (kind.startsWith('pic_')) sheets.picture(this.sheet, (blob) => this.tryTo(upload(this.key, blob)));
    else this.do('press', { type: kind, key: entry.key ?? entry.url ?? entry.name });
    if (kind === 'view' && opens(entry.url)) window.open(entry.url, '_blank', 'noopener');
  }

  do(what, facts = {}) {
    return this.tryTo(act(what, { phone: this.key, ...facts }));
  }

  async tryTo(deed) {
    try {
      await deed;
    } catch (error) {
      this.put({ number: 0, side: 'note', form: 'note', at: this.page.now(), facts: { name: 'error', words: `没有发出去：${error.message}` } });
    }
  }

  /** Show a message, unless it is shown already. */
  put(message) {
    if (message.number && this.numbers.has(message.number)) return;
    this.numbers.add(message.number);
    const stay = this.atEnd() || message.side === 'own';
    if (message.at - (this.last ?? 0) > PAUSE) {
      this.log.append(h('time', { class: 'when' }, separator(message.at, this.page.now())));
    }
    this.last = message.at;
    const node = bubble(message, this);
    this.log.append(node);
    for (const image of node.querySelectorAll('img')) image.addEventListener('load', () => stay && this.toEnd());
    if (stay) this.toEnd();
    else this.fresh.hidden = false;
  }

  /** A message that came just now, beside those that were there. */
  receive(message) {
    this.setTyping(false);
    this.put(message);
    if (message.side === 'account') this.page.unread(this);
  }

  /** Forget all that is shown. */
  clear() {
    this.numbers.clear();
    this.last = 0;
    this.log.replaceChildren();
  }

  /** The account is answering (shown once it takes a moment), or not any more. */
  setTyping(on, delay = PATIENCE) {
    clearTimeout(this.pending);
    if (on) {
      this.pending = setTimeout(() => {
        this.title.textContent = '对方正在输入…';
        this.pending = setTimeout(() => this.setTyping(false), TYPING);
      }, delay);
    } else this.title.textContent = '仪享';
  }

  tick() {
    this.hour.textContent = hour(this.page.now());
  }

  atEnd() {
    return this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < NEAR;
  }

  toEnd() {
    this.log.scrollTop = this.log.scrollHeight;
    this.fresh.hidden = true;
  }

  /** After the room for the chat has changed. */
  settle() {
    requestAnimationFrame(() => this.toEnd());
  }

  /** Go to the text input. */
  focus() {
    if (this.following) this.composer.mode('text', true);
    else this.profile.querySelector('button').focus();
  }

  /** Close what is open; whether anything was. */
  escape() {
    return this.sheet.close() || this.composer.close();
  }

  /** A letter typed anywhere on the phone begins a message. */
  startTyping(event) {
    const plain = event.key.length === 1 && event.key !== ' ' && !event.ctrlKey && !event.altKey && !event.metaKey;
    if (!plain || !this.following || event.target.matches('input, textarea, .sheet *')) return;
    this.composer.mode('text', true);
  }
}
