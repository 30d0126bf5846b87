/* What a page knows from the start, its texts, and the one way to ask the API.
 *
 *   page.lang, page.role, page.agent      who reads, and in which language
 *   text("key", {name: value})            a text of texts/<page>.json or texts/common.json
 *   ask("GET", "/queues")                 the answer as an object; throws Refused with the API's sentence
 */

export const page = JSON.parse(document.getElementById("page").content.textContent);

/** What proves to the API that a write by cookie comes from a page of ours. */
function csrf() {
  return /(?:^|; )(?:__Host-)?acd_csrf=([^;]*)/.exec(document.cookie)?.[1] ?? "";
}

/** One text in the reader's language, with {names} filled in. */
export function text(key, values = {}) {
  const found = page.texts[key];
  if (found === undefined) throw new Error(`there is no text ${key}`);
  return found.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}

/** The API said no: `message` is its sentence, `id` and `status` tell which no. */
export class Refused extends Error {
  constructor(status, problem) {
    super(problem.detail ?? text("unreachable"));
    this.status = status;
    this.id = problem.id ?? "";
    this.whatToDo = problem.what_to_do ?? "";
  }
}

/** Ask the API (a path below /api/v1). Who is not logged in any more is sent to the login. */
export async function ask(method, path, body, headers = {}) {
  let response;
  try {
    response = await fetch(`/api/v1${path}`, {
      method,
      headers: {
        Accept: "application/json",
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...(method === "GET" ? {} : { "X-ACD-CSRF": csrf() }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new Refused(0, {});
  }
  if (response.status === 401) logInAgain();
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refused(response.status, answer);
  return answer;
}

/** Go to the login, and come back here. */
export function logInAgain() {
  location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
}

/** Make an element: el("td", {class: "words"}, "text", other, …). */
export function el(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(key, "");
    else if (value !== false && value !== undefined && value !== null) made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

/** Change the text of an element only where it differs: no flash, no news for a screen reader. */
export function put(element, words) {
  const told = String(words);
  if (element.textContent !== told) element.textContent = told;
}
