// What is taken away: one button each. The studio makes it of the scenario as it stands, and the browser saves it.

export function start(studio) {
  const { make, words } = studio, panel = studio.panel("leave");
  const things = {
    scenario: [words("Scenario"), words("The scenario file with its message and all that it names. ewsim run gives the same numbers.")],
    report: [words("Report"), words("Who was reached, when, who was missed and why: to read and to print.")],
    replay: [words("Replay"), words("The map with a slider over time: one file that needs no network.")],
    pictures: [words("Pictures"), words("The map and the curve of reach, for slides and for print.")],
    exercise: [words("Exercise pack"), words("Books for staff and for participants, injects, wrong messages, a quiz, forms.")],
  };
  const language = document.getElementById("language").cloneNode(true);
  language.removeAttribute("id");
  language.value = studio.language;
  const shown = {};

  function card(what, [title, about]) {
    const said = make("p", { class: "note", role: "status" });
    const button = make("button", { type: "button", text: words("Make and save"),
      "aria-label": `${words("Make and save")}: ${title}`, onclick: () => ask(what) });
    shown[what] = { button, said };
    return make("li", { class: "card" }, make("h3", { text: title }), make("p", { text: about }), button, said);
  }

  function busy(what, wanted) {
    shown[what].button.disabled = wanted;
    shown[what].said.replaceChildren();
  }

  function ask(what) {
    studio.faults(panel, null);
    busy(what, true);
    shown[what].said.textContent = words("Being made. You can go on meanwhile.");
    studio.ask("leave.make", { what, language: language.value }).catch((error) => {
      busy(what, false);
      studio.faults(panel, error);
    });
  }

  panel.replaceChildren(
    make("h2", { text: words("Take away") }),
    make("label", { class: "field" }, make("span", { text: words("Language of report, pictures and pack") }), language),
    make("ul", { class: "cards" }, ...Object.entries(things).map(([what, texts]) => card(what, texts))),
  );

  studio.on("leave.progress", ({ what, share }) => {
    shown[what].said.textContent = words("Being made: {share} %. You can go on meanwhile.", { share: Math.round(100 * share) });
  });
  studio.on("leave.ready", ({ what, name, path }) => {
    busy(what, false);
    const link = make("a", { href: path, download: name, text: name });
    shown[what].said.replaceChildren(words("Ready:"), " ", link);
    studio.announce(words("{name} is ready.", { name }));
    link.click();
  });
  studio.on("faults", ({ of }) => {
    const what = of.startsWith("leave.") && of.slice(6);
    if (what in shown) busy(what, false);
  });
  studio.on("connected", () => Object.keys(shown).forEach((what) => busy(what, false)));
  studio.on("state", ({ start: { open } }) => {
    for (const { button } of Object.values(shown)) button.hidden = !open || studio.you.role !== "lead";
  });
}
