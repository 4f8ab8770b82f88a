// Draws one execution: what was broken, the diagram, and the servers at the step that is chosen. It
// reads the data that stands in the page and asks for nothing else.

function footer() {
  const { origin, macro } = execution;
  const foot = make("footer", "");
  if (macro && macro.length) foot.append(make("h2", "", "The same in macro actions"), make("pre", "", macro.join("\n")));
  const about = [`network: ${origin.network}`];
  if (origin.driver) about.push(`driver: ${origin.driver}`);
  if (origin.seed !== undefined) about.push(`seed: ${origin.seed}`);
  if (origin.mutant) about.push(`mutant: ${origin.mutant}`);
  for (const [name, value] of Object.entries(origin.settings || {})) about.push(`${name}=${value}`);
  if (origin.ignore && origin.ignore.length) about.push(`not held against it: ${origin.ignore.length > MOST_NAMES ? `${origin.ignore.length} properties and rules` : origin.ignore.join(", ")}`);
  foot.append(make("p", "faint", about.join("; ")));
  foot.append(make("p", "faint", "A lane a server, time goes down. Thin line: follower; dashed: candidate; thick: leader; dotted: down. Arrows run from where a message was sent to where it arrived; dotted ones are copies, pale ones are those of which nothing came, a cross is where one was lost, a shaded band is where nothing passes. ◆ marks what the broken property rests on. In logs, a thick underline is what the server knows to be committed; a frame is what the step changed. Keys: ↑ and ↓ go through the steps, Home and End to the first and the last."));
  return foot;
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  if (event.target === slider || event.altKey || event.ctrlKey || event.metaKey) return;
  /** @type {Record<string, number>} */
  const by = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -rows.length, End: rows.length };
  if (event.key === " " || !(event.key in by) || !list.contains(/** @type {Node} */ (event.target))) return;
  event.preventDefault();
  move(by[event.key]);
}

/**
 * The position of the step that the address names; the last one where it names none.
 * @param {Step[]} among
 */
function positionOf(among) {
  const label = new URLSearchParams(location.hash.slice(1)).get("step");
  if (label === "0") return 0;
  const place = among.findIndex((step) => step.label === label);
  return place < 0 ? among.length : place + 1;
}

/** What else stands on the page, such as what may happen next in a run that is played. @type {HTMLElement[]} */
const beside = [];

/**
 * Shows an execution in place of the one that was there.
 * @param {Execution} shownNow
 * @param {number} position
 */
function load(shownNow, position) {
  execution = shownNow;
  ({ servers, steps, messages } = execution);
  states = allStates();
  groupAt = new Map(execution.groups.map((group) => [group.first, group]));
  list.className = servers.length > 4 ? "steps many" : "steps";
  unfolded.clear();
  const main = make("main", "");
  const diagram = make("section", "", bar, list);
  diagram.setAttribute("aria-label", "steps");
  main.append(...beside, panel, diagram);
  document.body.replaceChildren(markers(), header(), main, footer());
  chosen = Math.min(position, steps.length);
  draw();
}

const bar = tools();

function begin() {
  panel.setAttribute("aria-label", "servers at the chosen step");
  panel.setAttribute("aria-live", "polite");
  document.addEventListener("keydown", onKey);
  window.addEventListener("hashchange", () => choose(positionOf(steps)));
  new ResizeObserver(() => {
    redrawArrows();
    markChosen();
  }).observe(list);
  const data = document.getElementById("execution");
  if (!data) return;
  /** @type {Execution} */
  const read = JSON.parse(data.textContent || "");
  hiding.checked = read.steps.length > 40;
  load(read, positionOf(read.steps));
}

begin();
