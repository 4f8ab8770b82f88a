// The top of the page: what was broken, and the tools that go through the steps.

function header() {
  const { verdict, origin } = execution;
  const top = make("header", "");
  top.append(make("h1", "", verdict ? verdict.detail : `No violation in ${countedSteps()} steps.`));
  if (verdict) {
    const name = make("span", "broken", verdict.property);
    top.append(make("p", "", name, ` is broken ${steps.length ? `at step ${steps[steps.length - 1].label}` : "at the start"}. ${verdict.statement} `, make("span", "faint", `(${verdict.source})`)));
  }
  top.append(make("p", "faint", origin.heading || `${origin.subject} ${origin.subject_version}`));
  if (verdict) top.append(...restsAtTop());
  if (origin.commands && origin.commands.length) top.append(make("pre", "", origin.commands.join("\n")));
  return top;
}

/** What the breach rests on, each with a way to its step. */
function restsAtTop() {
  const found = steps.flatMap((step) => (step.rests_on || []).map((what) => ({ label: step.label, what })));
  if (!found.length) return [];
  const last = steps[steps.length - 1];
  const told = [...found.slice(-8), { label: last.label, what: `then ${last.text}${last.change ? `: ${last.change}` : ""}` }];
  const links = told.map(({ label, what }) => {
    const link = make("a", "", `${what} (step ${label})`);
    link.href = `#step=${label}`;
    return make("li", "", link);
  });
  return [make("p", "", "It rests on what happened before:"), make("ul", "", ...links)];
}

function countedSteps() {
  return steps.filter((step) => !step.is_round).length;
}

function tools() {
  const found = make("div", "tools");
  const back = make("button", "", "← step back");
  const on = make("button", "", "next step →");
  back.addEventListener("click", () => move(-1));
  on.addEventListener("click", () => move(1));
  slider.type = "range";
  slider.min = "0";
  slider.setAttribute("aria-label", "step");
  slider.addEventListener("input", () => choose(rows[Number(slider.value)].last));
  for (const box of [folding, hiding]) {
    box.type = "checkbox";
    box.addEventListener("change", draw);
  }
  found.append(back, slider, on, make("label", "", folding, "fold elections and rounds"), make("label", "", hiding, "hide steps without effect"));
  return found;
}
