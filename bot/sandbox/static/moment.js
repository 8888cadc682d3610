// Moments as people on a phone read them. The clock runs on Beijing time wherever the browser is.

const ZONE = { timeZone: 'Asia/Shanghai' };
const PARTS = new Intl.DateTimeFormat('zh-CN', {
  ...ZONE, year: 'numeric', month: 'numeric', day: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23',
});
const DAY = 86400e3;
const WEEK = ['星期日', '星期一', '星期二', '星期三', '星期四', '星期五', '星期六'];
const OFFSET = 8 * 3600e3;

function parts(at) {
  return Object.fromEntries(PARTS.formatToParts(at).map(({ type, value }) => [type, value]));
}

function dayOf(at) {
  return Math.floor((at + OFFSET) / DAY);
}

/** 14:05 */
export function hour(at) {
  const { hour: h, minute } = parts(at);
  return `${h}:${minute}`;
}

/** 11月20日（周五）14:05 */
export function full(at) {
  const { month, day } = parts(at);
  return `${month}月${day}日（${weekday(at).replace('星期', '周')}）${hour(at)}`;
}

function weekday(at) {
  return WEEK[(dayOf(at) + 4) % 7];
}

/** The separator over a message, as seen from `now`: 14:05, 昨天 14:05, 星期三 14:05, 11月12日 14:05 */
export function separator(at, now) {
  const ago = dayOf(now) - dayOf(at);
  if (ago === 0) return hour(at);
  if (ago === 1) return `昨天 ${hour(at)}`;
  if (ago > 1 && ago < 7) return `${weekday(at)} ${hour(at)}`;
  const { year, month, day } = parts(at);
  const same = year === parts(now).year;
  return `${same ? '' : `${year}年`}${month}月${day}日 ${hour(at)}`;
}

/** What an <input type="datetime-local"> holds for a moment, in Beijing time. */
export function toInput(at) {
  return new Date(at + OFFSET).toISOString().slice(0, 16);
}

/** The moment in an <input type="datetime-local">. */
export function fromInput(value) {
  return Date.parse(`${value}:00+08:00`);
}
