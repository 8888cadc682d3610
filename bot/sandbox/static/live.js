// The way to the sandbox: what happens comes as a stream of events, what is done goes as small POSTs.

/** Do something; gives the answer's JSON, or throws with the words of the refusal. */
export async function act(what, facts = {}) {
  const response = await fetch(`do/${what}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(facts),
  });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.refused ?? String(response.status));
  return answer;
}

/** Hand over a picture's bytes. */
export async function upload(phone, blob) {
  const response = await fetch(`do/picture?phone=${encodeURIComponent(phone)}`, {
    method: 'POST', headers: { 'Content-Type': blob.type }, body: blob,
  });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.refused ?? String(response.status));
}

/** Something the sandbox knows. */
export async function ask(what) {
  const response = await fetch(what);
  if (!response.ok) throw new Error(String(response.status));
  return response.json();
}

const AGAIN = 2000;

/** Listen for good: `on.state(all)` after every (re)connection, `on.<kind>(facts)` after that, `on.online(bool)`. */
export function listen(on) {
  const source = new EventSource('live');
  source.addEventListener('open', () => on.online(true));
  source.addEventListener('message', (event) => {
    const { kind, ...facts } = JSON.parse(event.data);
    on[kind]?.(facts);
  });
  source.addEventListener('error', () => {
    on.online(false);
    if (source.readyState === EventSource.CLOSED) setTimeout(() => listen(on), AGAIN);
  });
}
