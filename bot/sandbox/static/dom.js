// Small helpers for making nodes. Content only ever becomes text nodes, never markup.

const SVG = 'http://www.w3.org/2000/svg';

/** An element: `h('button', {class: 'go', on: {click}}, 'text', child)`; null and false children vanish. */
export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name === 'on') {
      for (const [kind, run] of Object.entries(value)) node.addEventListener(kind, run);
    } else if (value === true) node.setAttribute(name, '');
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** One of the page's icons. */
export function icon(name, ...classes) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('class', ['icon', ...classes].join(' '));
  svg.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS(SVG, 'use');
  use.setAttribute('href', `#i-${name}`);
  svg.append(use);
  return svg;
}

/** A button that does one thing; `label` is its words unless children are given. */
export function button(label, run, props = {}, ...children) {
  const named = children.length ? { 'aria-label': label, title: label } : {};
  return h('button', { type: 'button', ...named, ...props, on: { click: run } }, ...(children.length ? children : [label]));
}

/** Show or hide a node, and tell the button that opens it. */
export function toggle(node, open, opener = null) {
  node.hidden = !open;
  if (opener) opener.setAttribute('aria-expanded', String(open));
}
