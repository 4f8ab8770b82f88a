// The execution that the page shows, and the step of it that is chosen.

/** @type {Execution} */
let execution;
/** @type {string[]} */
let servers = [];
/** @type {Step[]} */
let steps = [];
/** @type {Message[]} */
let messages = [];
/** @type {Record<string, ServerState>[]} Servers by position, each log filled in; position 0 is the start. */
let states = [];
/** @type {Map<number, Group>} Groups by the position at which they begin. */
let groupAt = new Map();
let chosen = 0;
/** @type {Row[]} */
let rows = [];
const list = make("ol", "steps");
const panel = make("section", "state");
const slider = make("input", "");
const folding = make("input", "");
const hiding = make("input", "");

/** @returns {Record<string, ServerState>[]} */
function allStates() {
  let now = { ...execution.start };
  const found = [now];
  for (const step of steps) {
    now = { ...now };
    for (const [server, state] of Object.entries(step.states || {})) {
      now[server] = { ...state, log: state.log || now[server].log };
    }
    found.push(now);
  }
  return found;
}
