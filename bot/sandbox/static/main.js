// The page: four phones, what happens to them, and the keys.

import { Back } from './back.js';
import { h } from './dom.js';
import { listen } from './live.js';
import { full } from './moment.js';
import { Phone } from './phone.js';

const NARROW = matchMedia('(max-width: 759px)');
const $ = (selector) => document.querySelector(selector);

class Page {
  constructor() {
    this.phones = new Map();
    this.run = null;
    this.ahead = 0;
    this.active = null;
    this.back = new Back(this, $('.back'), $('.back-open'));
    document.addEventListener('keydown', (event) => this.key(event));
    document.addEventListener('pointerdown', (event) => this.pointer(event));
    NARROW.addEventListener('change', () => this.activate(this.active));
    window.addEventListener('focus', () => { document.title = '仪享 · 试用台'; });
    setInterval(() => this.tick(), 1000);
    listen({
      online: (on) => { $('.offline').hidden = on; },
      state: (all) => this.restore(all),
      message: ({ message }) => this.phones.get(message.phone)?.receive(message),
      waiting: ({ phone, on }) => this.phones.get(phone)?.setTyping(on),
      typing: ({ phone, on }) => this.phones.get(phone)?.setTyping(on, 0),
      following: ({ phone, on }) => this.phones.get(phone)?.setFollowing(on),
      menu: ({ menu }) => this.setMenu(menu),
      clock: ({ now }) => this.setClock(now),
      settings: ({ settings }) => this.back.setSettings(settings),
      reach: ({ reach }) => this.back.setReach(reach),
      record: ({ record }) => this.back.add(record),
    });
  }

  now() {
    return Date.now() + this.ahead;
  }

  /** Everything, as it stands: at the beginning and after each reconnection. */
  restore(all) {
    if (this.run !== all.run) this.begin(all);
    this.run = all.run;
    this.setClock(all.now);
    for (const facts of all.phones) {
      const phone = this.phones.get(facts.key);
      if (phone.following !== facts.following) phone.setFollowing(facts.following);
      for (const message of facts.messages) phone.put(message);
      phone.setTyping(facts.waiting);
    }
    this.setMenu(all.menu);
    this.back.setSettings(all.settings);
    this.back.fill(all.records);
    this.back.setReach(all.reach);
  }

  begin(all) {
    Object.assign(this, { places: all.places, codes: all.codes });
    const before = this.active?.key;
    this.phones = new Map(all.phones.map((facts, at) => [facts.key, new Phone(facts, at + 1, this)]));
    this.setClock(all.now);
    for (const facts of all.phones) {
      const sent = facts.messages.filter(({ side, form }) => side === 'own' && form === 'text');
      for (const { facts: { text } } of sent) this.phones.get(facts.key).composer.history.add(text);
    }
    $('.phones').replaceChildren(...[...this.phones.values()].map(({ node }) => node));
    $('.tabs').replaceChildren(...[...this.phones.values()].map((phone) => this.tab(phone)));
    this.menu = null;
    this.activate(this.phones.get(before) ?? this.phones.values().next().value);
  }

  tab(phone) {
    phone.badge = h('b', { hidden: true });
    phone.tab = h('button', {
      type: 'button', role: 'tab', 'aria-controls': phone.node.id, on: { click: () => this.activate(phone) },
    }, h('img', { src: phone.avatar, alt: '' }), phone.name, phone.badge);
    phone.tab.addEventListener('keydown', (event) => this.walkTabs(event));
    return phone.tab;
  }

  walkTabs(event) {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by) return;
    const all = [...this.phones.values()];
    const next = all.at((all.indexOf(this.active) + by) % all.length);
    this.activate(next);
    next.tab.focus();
  }

  /** Bring a phone to the front. */
  activate(phone) {
    if (!phone) return;
    const before = this.active;
    this.active = phone;
    for (const one of this.phones.values()) {
      const here = one === phone;
      one.node.classList.toggle('active', here);
      one.tab.setAttribute('aria-selected', String(here));
      one.tab.tabIndex = here ? 0 : -1;
    }
    phone.unread = 0;
    phone.badge.hidden = true;
    if (NARROW.matches && before !== phone) phone.toEnd();
  }

  /** Something came to a phone that nobody may be looking at. */
  unread(phone) {
    if (NARROW.matches && phone !== this.active) {
      phone.unread += 1;
      phone.badge.textContent = phone.unread;
      phone.badge.hidden = false;
    }
    if (!document.hasFocus()) document.title = `● 新消息 · 仪享`;
  }

  setMenu(menu) {
    const text = JSON.stringify(menu);
    if (text === this.menu) return;
    this.menu = text;
    for (const phone of this.phones.values()) phone.composer.setMenu(menu);
  }

  setClock(now) {
    this.ahead = now - Date.now();
    this.tick();
  }

  tick() {
    $('#clock').textContent = full(this.now());
    for (const phone of this.phones.values()) phone.tick();
    this.back.tick();
  }

  showRaw(message) {
    this.back.show(message);
  }

  pointer(event) {
    for (const phone of this.phones.values()) {
      if (phone.node.contains(event.target)) {
        if (phone !== this.active) this.activate(phone);
        if (!event.target.closest('.composer')) phone.composer.close();
      } else phone.composer.close();
    }
  }

  key(event) {
    if (event.altKey && /^Digit[0-9]$/.test(event.code)) {
      event.preventDefault();
      this.jump(Number(event.code.at(-1)));
    } else if (event.key === 'Escape' && !this.active?.escape()) this.back.close();
  }

  jump(position) {
    if (position === 0) {
      this.back.toggle();
      return;
    }
    const phone = [...this.phones.values()][position - 1];
    if (!phone) return;
    this.activate(phone);
    phone.node.scrollIntoView({ inline: 'center', block: 'nearest' });
    phone.focus();
  }
}

new Page();
