// Lets somebody choose what happens next, step by step, on a subject that runs behind this page.
// It keeps the actions; every move sends them all, and shows what they come to. What is chosen at an
// earlier step goes on from there: that is how one branches.

/** @typedef {Record<string, unknown>} Action */
/** @typedef {{execution: Execution | null, actions: Action[], text: string, error: string | null}} Answer */

/** @type {Action[]} */
let actions = [];
const controls = make("section", "controls");
const complaint = make("p", "broken");
const typed = make("input", "");
const asText = make("textarea", "");

/** How many actions led to the step that is chosen. */
function actionsUntilChosen() {
  const ends = execution.ends || [];
  let count = 0;
  while (count < ends.length && ends[count] <= chosen) count++;
  return chosen >= steps.length ? actions.length : count;
}

/**
 * Sends actions, and shows what they come to.
 * @param {Action[]} before
 * @param {string} more
 */
async function ask(before, more) {
  complaint.textContent = "…";
  try {
    const response = await fetch("move", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ actions: before, more }) });
    /** @type {Answer} */
    const answer = await response.json();
    complaint.textContent = plain(answer.error || "");
    if (!answer.execution) return;
    actions = answer.actions;
    asText.value = answer.text;
    load(answer.execution, answer.execution.steps.length);
    offer();
  } catch (error) {
    complaint.textContent = plain(`no answer: ${error}`);
  }
}

/**
 * A button that makes a move.
 * @param {string} label
 * @param {string} more
 */
function moveButton(label, more) {
  const button = make("button", "", label);
  button.type = "button";
  button.addEventListener("click", () => ask(actions.slice(0, actionsUntilChosen()), more));
  return button;
}

/** What may happen at the end of what was played, and how to go back. */
function offer() {
  const now = states[steps.length];
  const rows = servers.map((server) => {
    const isUp = now[server].is_up !== false;
    const own = isUp
      ? [moveButton("election timeout", `election_timeout ${server}`), moveButton("heartbeat", `heartbeat_timeout ${server}`), moveButton("request", `client_request ${server} v${actions.length + 1}`), moveButton("crash", `crash ${server}`), moveButton("cut off", `partition ${server}`)]
      : [moveButton("restart", `restart ${server}`)];
    return make("tr", "", make("th", "", server), make("td", "", ...own));
  });
  /** @type {Map<string, number>} How many messages of a link have been listed. */
  const ages = new Map();
  const flying = (execution.in_flight || []).map((number) => {
    const message = messages[number];
    const link = `${message.source} ${message.destination}`;
    const age = ages.get(link) || 0;
    ages.set(link, age + 1);
    const place = age ? ` age=${age}` : "";
    const isFifo = execution.origin.network === "fifo";
    const moves = isFifo && age ? [] : [moveButton("deliver", `deliver ${link}${place}`)];
    if (!isFifo) moves.push(moveButton("lose", `drop ${link}${place}`), moveButton("copy", `duplicate ${link}${place}`));
    return make("tr", "", make("th", "", `${message.source} → ${message.destination}`), make("td", "", ...moves, ` ${message.text}`));
  });
  const typing = make("form", "tools", make("label", "", "any action: ", typed), make("button", "", "do it"));
  typing.addEventListener("submit", (event) => {
    event.preventDefault();
    ask(actions.slice(0, actionsUntilChosen()), typed.value);
  });
  const back = make("button", "", "undo");
  back.addEventListener("click", () => ask(actions.slice(0, -1), ""));
  const whole = make("button", "", "elections and rounds by one click");
  whole.addEventListener("click", () => offerWhole(whole));
  const saved = make("details", "", make("summary", "", "this schedule as text, to be saved"), asText);
  const isOver = execution.verdict !== null;
  const title = make("h2", "", isOver ? "Broken: go back, or on from an earlier step" : "What happens next?");
  const moves = make("div", "tools", back, ...(isOver ? [] : [moveButton("heal", "heal"), whole]));
  const inFlight = make("h2", "", flying.length ? "In flight" : "Nothing is in flight");
  controls.replaceChildren(
    make("div", "", title, complaint, make("table", "", ...(isOver ? [] : rows)), moves, typing, saved),
    ...(isOver ? [] : [make("div", "", inFlight, make("table", "", ...flying))]),
  );
}

/** @param {HTMLElement} place */
function offerWhole(place) {
  const buttons = servers.flatMap((server) => [moveButton(`elect ${server}`, `elect ${server}`), moveButton(`round of ${server}`, `sync ${server}`)]);
  place.replaceWith(...buttons);
}

controls.setAttribute("aria-label", "what may happen next");
complaint.setAttribute("role", "status");
asText.readOnly = true;
asText.rows = 12;
asText.setAttribute("aria-label", "schedule");
beside.push(controls);
ask(JSON.parse(/** @type {HTMLElement} */ (document.getElementById("played")).textContent || "[]"), "");
