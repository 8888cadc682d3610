// Behind the scenes: the clock, what can go wrong, and every message as it went over the wire.

import { button, h, icon, toggle } from './dom.js';
import { act, ask } from './live.js';
import { fromInput, full, hour, toInput } from './moment.js';
import { tinted } from './xml.js';

const SHOWN = 200;
const MODES = [['plain', '明文模式'], ['compatible', '兼容模式'], ['safe', '安全模式']];
const KINDS = [['service', '服务号（已认证）'], ['subscription', '订阅号（已认证）'], ['test', '测试号'], ['unverified', '服务号（未认证）']];
const SLOW = [['0', '不耽搁'], ['4.6', '慢 4.6 秒'], ['6', '慢 6 秒，平台会重发'], ['20', '慢 20 秒，三次都超时']];
const PATHS = [['message/custom/send', '客服消息'], ['message/template/send', '模板消息'], ['message/subscribe/bizsend', '订阅通知'], ['stable_token', '取令牌'], ['menu/create', '建菜单']];
const TROUBLES = [['45015', '45015 超出 48 小时'], ['45047', '45047 条数用完'], ['40001', '40001 令牌失效'], ['45009', '45009 当天额度用完'], ['43004', '43004 已不关注'], ['-1', '-1 系统繁忙'], ['timeout', '没有回音'], ['http500', 'HTTP 500'], ['lost', '做了，但回音丢了']];

function select(label, options, props = {}) {
  return h('select', { 'aria-label': label, ...props }, ...options.map(([value, words]) => h('option', { value }, words)));
}

function field(label, ...inside) {
  return h('div', { class: 'field' }, h('span', {}, label), ...inside);
}

/** The side panel. */
export class Back {
  constructor(page, node, opener) {
    Object.assign(this, { page, node, opener });
    this.seen = new Map();
    this.body = h('div', { class: 'pages' });
    node.append(h('header', {}, h('h2', {}, '后台看看'),
      button('关上', () => this.close(), { class: 'round' }, icon('close'))), this.body);
    this.makeHome();
    opener.addEventListener('click', () => this.toggle());
  }

  makeHome() {
    this.clock = h('time', {});
    this.moment = h('input', { type: 'datetime-local', 'aria-label': '把时钟拨到' });
    this.mode = select('消息加解密方式', MODES, { on: { change: () => this.set({ mode: this.mode.value }) } });
    this.kind = select('账号种类', KINDS, { on: { change: () => this.set({ kind: this.kind.value }) } });
    this.slow = select('路上的耽搁', SLOW, { on: { change: () => this.set({ slow: Number(this.slow.value) }) } });
    this.path = select('哪个接口', PATHS);
    this.trouble = select('出什么错', TROUBLES);
    this.said = h('p', { class: 'said-so', role: 'status' });
    this.reach = h('ul', { class: 'reach' });
    this.list = h('ol', { class: 'records', 'aria-label': '最近的报文' });
    this.home = h('div', { class: 'home' },
      this.makeClock(), this.makeSettings(),
      h('section', {}, h('h3', {}, '还能主动发的客服消息'), this.reach),
      h('section', {}, h('h3', {}, '报文'), this.list));
    this.body.append(this.home);
  }

  makeClock() {
    const by = (words, seconds) => button(words, () => this.forward({ by: seconds }));
    return h('section', {}, h('h3', {}, icon('clock'), '时钟', this.clock),
      h('div', { class: 'chips' }, by('快进 1 小时', 3600), by('快进 1 天', 86400), by('快进 1 周', 7 * 86400)),
      h('form', { class: 'line', on: { submit: (event) => {
        event.preventDefault();
        if (this.moment.value) this.forward({ to: fromInput(this.moment.value) });
      } } }, this.moment, h('button', {}, '拨到')));
  }

  makeSettings() {
    const break_ = button('让下一次出错', () => this.inject(), { class: 'danger' });
    return h('details', {}, h('summary', {}, icon('tools'), '账号与故障'),
      field('加解密', this.mode), field('账号', this.kind), field('路上', this.slow),
      field('接口', this.path), field('出错', this.trouble), break_, this.said);
  }

  async tell(deed, done = '') {
    try {
      await deed;
      this.said.textContent = done;
    } catch (error) {
      this.said.textContent = error.message;
    }
  }

  forward(facts) {
    return this.tell(act('clock', facts));
  }

  set(settings) {
    return this.tell(act('settings', settings));
  }

  inject() {
    const done = `下一次调用「${this.path.selectedOptions[0].text}」会出错`;
    return this.tell(act('trouble', { path: this.path.value, trouble: this.trouble.value }), done);
  }

  setSettings({ mode, kind, slow }) {
    Object.assign(this.mode, { value: mode });
    Object.assign(this.kind, { value: kind });
    this.slow.value = String(slow);
  }

  /** How many customer-service messages may still go to whom, and until when. */
  setReach(reach) {
    this.reach.replaceChildren(...Object.entries(reach).map(([key, { left, until }]) => {
      const phone = this.page.phones.get(key);
      const words = left ? `${left} 条，到 ${full(until)}` : '现在不能发';
      return h('li', {}, h('img', { src: phone.avatar, alt: '' }), phone.name, h('span', {}, words));
    }));
  }

  tick() {
    const now = this.page.now();
    this.clock.textContent = full(now);
    this.moment.min = toInput(now);
    if (!this.moment.value || document.activeElement !== this.moment && fromInput(this.moment.value) < now) {
      this.moment.value = toInput(now);
    }
  }

  /** All records, anew. */
  fill(records) {
    this.seen.clear();
    this.list.replaceChildren();
    for (const record of records) this.add(record);
  }

  /** A request and its answer that just went over the wire. */
  add(record) {
    if (this.seen.has(record.number)) return;
    const node = this.line(record);
    this.seen.set(record.number, node);
    this.list.prepend(node);
    if (this.seen.size > SHOWN) {
      const [oldest] = this.seen.keys();
      this.seen.get(oldest).remove();
      this.seen.delete(oldest);
    }
  }

  line(record) {
    const phone = this.page.phones.get(record.phone);
    const well = record.status === 200 && !record.code;
    return h('li', {}, h('button', { type: 'button', on: { click: () => this.open(`record/${record.number}`) } },
      phone ? h('img', { src: phone.avatar, alt: phone.name }) : h('span', { class: 'nobody' }),
      h('span', { class: `way ${record.way}` }, record.way === 'door' ? '平台 → 仪享' : '仪享 → 平台'),
      h('span', { class: 'what' }, record.what),
      h('span', { class: well ? 'well' : 'ill' }, record.code ? String(record.code) : String(record.status || '无回音')),
      h('time', {}, hour(record.at))));
  }

  /** The raw messages behind a bubble. */
  show(message) {
    this.open(`behind/${message.number}`, document.activeElement);
  }

  async open(address, from = null) {
    const back = button('返回', () => this.toHome(), { class: 'return' }, icon('back'), '返回');
    const records = await ask(address).catch(() => []);
    this.toggle(true);
    this.from = from;
    const found = records.map((record) => this.detail(record));
    const none = found.length ? [] : [h('p', { class: 'none' }, '这条没有报文：它没有经过平台，或者已经太久了。')];
    this.raw?.remove();
    this.raw = h('div', { class: 'raw-page' }, back, ...found, ...none);
    this.home.hidden = true;
    this.body.append(this.raw);
    this.body.scrollTop = 0;
    back.focus({ focusVisible: false });
  }

  detail(record) {
    const ours = record.way === 'door';
    const encrypted = record.sent !== record.plain || record.answer !== record.answer_plain;
    const part = (title, plain, wire) => h('div', { class: 'part' }, h('h4', {}, title),
      h('pre', { tabindex: 0, 'aria-label': title }, ...tinted(plain)),
      wire !== plain && h('details', {}, h('summary', {}, '路上的样子（密文）'), h('pre', { tabindex: 0, 'aria-label': '密文' }, ...tinted(wire))));
    return h('article', {},
      h('h3', {}, ours ? '平台 → 仪享' : '仪享 → 平台'),
      h('p', { class: 'address' }, `${ours ? 'POST ' : ''}${record.address}`),
      h('p', { class: 'facts' }, `${full(record.at)} · ${record.status || '没有回音'} · ${Math.round(record.seconds * 1000)} 毫秒${encrypted ? ' · 加密' : ''}`),
      part(ours ? '平台推来的' : '仪享调用的', record.plain, record.sent),
      part(ours ? '仪享答的' : '平台答的', record.answer_plain || '（空）', record.answer || '（空）'));
  }

  toHome() {
    this.raw?.remove();
    this.home.hidden = false;
  }

  /** Open or close the panel. */
  toggle(open = this.node.hidden) {
    toggle(this.node, open, this.opener);
    document.body.classList.toggle('with-back', open);
    if (!open) return;
    this.from = null;
    this.toHome();
    this.node.querySelector('button').focus({ focusVisible: false });
  }

  /** Close, and go back to where one came from. */
  close() {
    if (this.node.hidden) return false;
    this.toggle(false);
    (this.from?.isConnected ? this.from : this.opener).focus();
    return true;
  }
}
