// Where to begin: a scenario of the list, work that was begun before, one's own files.

export function start(studio) {
  const { make, words } = studio, panel = studio.panel("start");
  const list = make("div");
  panel.append(make("h2", { text: words("Start") }), list);

  const go = (name, fields) => studio.ask(name, fields).then(
    () => { studio.faults(panel, null); studio.open("alert", true); },
    (error) => studio.faults(panel, error),
  );

  const card = (title, about, text, does) => make("li", { class: "card" },
    make("h3", { text: title }),
    about ? make("p", { text: about }) : null,
    make("button", { type: "button", text, "aria-label": `${text}: ${title}`, onclick: does }));

  let drawn = "";
  studio.on("state", ({ start: state }) => {
    const now = JSON.stringify(state);
    if (now === drawn) return;
    drawn = now;
    const works = state.works.map((name) =>
      card(name, "", words("Go on"), () => go("start.open", { name })));
    const choices = state.choices.map(({ title, about }, i) =>
      card(title, about, words("Begin"), () => go("start.choose", { number: i })));
    list.replaceChildren(
      ...(works.length ? [make("h3", { text: words("Your work") }), make("ul", { class: "cards" }, ...works)] : []),
      ...(choices.length ? [make("h3", { text: words("Scenarios") }), make("ul", { class: "cards" }, ...choices)] : []),
    );
  });
}
