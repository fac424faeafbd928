// Where to begin: work that was begun before, a scenario of the list, one's own files, a new island.

export function start(studio) {
  const { make, words } = studio, panel = studio.panel("start");
  const say = (error) => studio.faults(panel, error);
  const list = make("div"), opened = make("div");

  const GROUPS = {
    scenarios: words("Scenarios"), countries: words("Countries to begin with"),
    lessons: words("Lessons"), reconstructions: words("Events that happened, reconstructed"),
  };

  function go(name, fields) {
    say(null);
    return studio.ask(name, fields).then(() => {
      if (name === "start.choose") studio.tell("building");
      studio.open("alert", true);
    }, say);
  }

  const card = (title, about, text, does) => make("li", { class: "card" },
    make("h4", { text: title, dir: "auto" }),
    about ? make("p", { text: about, dir: "auto" }) : null,
    make("button", { type: "button", text, "aria-label": `${text}: ${title}`, onclick: does }));

  const cards = (title, rows) => (rows.length
    ? [make("h3", { text: title }), make("ul", { class: "cards" }, ...rows)] : []);

  // --- one's own files -------------------------------------------------------------------------

  const chosen = (text, accept, multiple = false) => {
    const input = make("input", { type: "file", accept, multiple });
    return [input, make("label", { class: "field" }, make("span", { text }), input)];
  };
  const typed = (text, given) => {
    const input = make("input", given);
    return [input, make("label", { class: "field" }, make("span", { text }), input)];
  };

  async function sent(input) {
    const file = input.files[0];
    return file ? studio.upload(file) : undefined;
  }

  function form(title, fields, text, does) {
    const button = make("button", { type: "submit", text });
    const made = make("form", {}, ...fields, button);
    made.addEventListener("submit", async (event) => {
      event.preventDefault();
      say(null);
      button.disabled = true;
      made.setAttribute("aria-busy", "true");
      try {
        await does();
      } catch (error) {
        say(error);
      }
      made.removeAttribute("aria-busy");
      button.disabled = false;
    });
    return make("details", { class: "card" }, make("summary", { text: title }), made);
  }

  const [files, filesRow] = chosen(words("Scenario (YAML), its message (CAP) and the files that it names"), "", true);
  const [cells, cellsRow] = chosen(words("Cells or sites: OpenCelliD, ITU, your own table"), "");
  const [land, landRow] = chosen(words("Coastline or borders (GeoJSON, shapefile, GeoPackage)"), "");
  const [homes, homesRow] = chosen(words("Where people live: places, a raster, zones"), "");
  const [people, peopleRow] = typed(words("People in the country, if the files do not say"), { type: "number", min: 1, max: 100000000 });
  const [name, nameRow] = typed(words("Name"), { type: "text", maxlength: 60 });
  const [islanders, islandersRow] = typed(words("People"), { type: "number", min: 100, max: 1000000, value: 50000, required: true });
  const [area, areaRow] = typed(words("Area of the island (km²)"), { type: "number", min: 10, max: 100000, value: 600, required: true });
  const hazard = make("select"), waits = make("p", { role: "status" });
  const hazardRow = make("label", { class: "field" }, make("span", { text: words("What happens") }), hazard);

  const own = [
    form(words("Open a scenario of mine"), [filesRow], words("Open"), async () => {
      const uploads = await Promise.all([...files.files].map(studio.upload));
      await studio.ask("start.files", { files: uploads.map((upload) => ({ upload })) });
      studio.open("alert", true);
    }),
    form(words("My country from my files"), [
      make("p", { class: "note", text: words("One file is enough; what is absent is invented. What the reader noticed is shown afterwards.") }),
      cellsRow, landRow, homesRow, peopleRow, nameRow, waits,
    ], words("Build"), async () => {
      const fields = { cells: await sent(cells), land: await sent(land), homes: await sent(homes) };
      if (people.value) fields.people = Number(people.value);
      if (name.value) fields.name = name.value;
      await studio.ask("start.country", fields);
      waits.textContent = words("The country is being built.");
      studio.tell("building");
    }),
    form(words("A new island"), [islandersRow, areaRow, hazardRow], words("Begin"), async () => {
      await studio.ask("start.new", {
        people: Number(islanders.value), area_km2: Number(area.value), hazard: hazard.value, name: "my_island",
      });
      studio.open("alert", true);
    }),
  ];
  studio.on("begun", () => {
    waits.textContent = "";
    studio.announce(words("The country is built."));
  });
  studio.on("faults", ({ of, faults }) => {
    if (of !== "start.country") return;
    waits.textContent = "";
    say({ faults });
  });

  // --- the open scenario as text ----------------------------------------------------------------

  const text = make("textarea", { rows: 18, spellcheck: "false", dir: "ltr", "aria-label": words("The scenario as text (YAML)") });
  const fetched = () => studio.ask("work.text").then((answer) => { text.value = answer.text; }, say);
  const editor = form(words("The scenario as text (YAML)"), [
    make("p", { class: "note", text: words("For keys that the other panels do not have. Faults stand at their lines.") }), text,
  ], words("Take over"), async () => {
    await studio.ask("work.edit", { text: text.value });
    studio.announce(words("The scenario is changed."));
  });
  editor.addEventListener("toggle", () => editor.open && fetched());
  panel.addEventListener("click", ({ target }) => {
    const line = Number(target.dataset?.line);
    if (!line || !editor.open) return;
    const before = text.value.split("\n").slice(0, line - 1).join("\n").length;
    text.focus();
    text.setSelectionRange(before + (line > 1), before + (line > 1) + text.value.split("\n")[line - 1].length);
  });

  // --- what is there --------------------------------------------------------------------------------

  const another = make("details", { class: "another" }, make("summary", { text: words("Begin with something else") }), list);
  panel.append(make("h2", { text: words("Start") }), opened);

  let drawn = "", revision = -1;
  studio.on("state", ({ start: state }, now) => {
    if (editor.open && now !== revision && document.activeElement !== text) fetched();
    revision = now;
    const key = JSON.stringify(state);
    if (key === drawn) return;
    drawn = key;
    const { open: work } = state;
    const works = state.works.filter((one) => one !== work?.name).map((one) =>
      card(one, "", words("Go on"), () => go("start.open", { name: one })));
    const choices = Object.entries(GROUPS).flatMap(([name, heading], n) => {
      const rows = state.choices.flatMap(({ title, about, group }, i) => (group === name
        ? [card(title, about, words("Begin"), () => go("start.choose", { number: i }))] : []));
      const open = list.querySelector(`[data-group="${name}"]`)?.open ?? n === 0;
      return rows.length ? [make("details", { open, "data-group": name }, make("summary", { text: heading }), make("ul", { class: "cards" }, ...rows))] : [];
    });
    list.replaceChildren(
      ...cards(words("Your work"), works),
      make("h3", { text: words("What ewsim brings, and your folders") }), ...choices,
      make("h3", { text: words("Your own files") }), ...own,
    );
    const value = hazard.value;
    hazard.replaceChildren(...state.hazards.map((one) => make("option", { value: one, text: words(one.replace("_", " ")) })));
    if (value) hazard.value = value;
    if (!work) {
      opened.replaceChildren(list);
      return;
    }
    another.replaceChildren(another.firstChild, list);
    opened.replaceChildren(
      make("p", { text: words("Open: {title}", { title: work.title }) }),
      make("p", { class: "note", text: words("From {source}. Every change is saved at once.", { source: work.source }) }),
      ...(state.notes.length ? [
        make("h3", { text: words("What the reader noticed") }),
        make("div", { class: "notes" }, ...studio.lists(state.notes)),
      ] : []),
      make("div", { class: "row" },
        make("button", { type: "button", class: "main", text: words("To the alert"), onclick: () => studio.open("alert", true) }),
        make("button", { type: "button", text: words("Close"), onclick: () => go("start.leave") })),
      editor, another,
    );
  });
}
