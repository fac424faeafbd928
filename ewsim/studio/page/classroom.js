// The classroom: who is there and with which role, following whoever leads, questions and answers.

import { clockText } from "./figures.js";

const PANELS = {
  lead: ["start", "alert", "watch", "help", "class", "leave"],
  authority: ["alert", "watch", "class"], operator: ["watch", "class"], observer: ["watch", "class"],
};

export function start(studio) {
  const { make, words, map } = studio, panel = studio.panel("class");
  const roles = {
    lead: words("leads"), authority: words("authority"), operator: words("operator"), observer: words("observer"),
  };
  const parts = {
    lead: words("You lead: what you look at, all others see."),
    authority: words("You are the authority: you write the alert, send, update and cancel it."),
    operator: words("You are an operator: you repair masts and bring deployable ones."),
    observer: words("You look on."),
  };
  let room = { people: [], shared: false, question: null }, questions = [], links = [], look = null, follows = true, led = false;
  let member = kept(), looked = "", timer = 0, answered = null;

  const say = (error) => studio.faults(panel, error);
  const ask = (name, fields) => studio.ask(name, fields).then((answer) => { say(null); return answer; }, say);
  const leads = () => studio.you.role === "lead";
  const button = (text, onclick, more = {}) => make("button", { type: "button", text, onclick, ...more });
  const typed = (text, given) => {
    const input = make(given.rows ? "textarea" : "input", { dir: "auto", ...given });
    return [input, make("label", { class: "field" }, make("span", { text }), input)];
  };

  // --- coming in, and coming back -------------------------------------------------------------------

  // A tab knows who is at it, and so does the browser, for a tab that is opened after the other was closed; while that
  // is open, a second tab is for somebody else.
  function kept(store = sessionStorage) {
    try {
      return JSON.parse(store.getItem("member")) ?? {};
    } catch {
      return {};
    }
  }

  async function join(fields) {
    const answer = await ask("class.join", fields);
    if (!answer?.token) return draw();
    member = { name: answer.name, token: answer.token };
    for (const store of [sessionStorage, localStorage]) store.setItem("member", JSON.stringify(member));
    draw();
  }

  function forget() {
    member = {};
    for (const store of [sessionStorage, localStorage]) store.removeItem("member");
    ask("class.leave").then(draw);
  }

  // A server that was started again knows nobody: the name is given again, without asking.
  studio.on("connected", (here) => {
    const { token } = kept(localStorage);
    if (here && member.token) join(member);
    else if (here && token) join({ token, if_away: true });
  });

  // --- following --------------------------------------------------------------------------------------

  const back = button(words("Follow the lesson"), () => { follows = true; follow(); }, { id: "follow", hidden: true });
  document.querySelector("header .bar").prepend(back);

  function follow() {
    back.hidden = follows || leads() || !look;
    if (!follows || leads() || !look) return;
    led = true;
    map.goTo({ x: look.x, y: look.y, zoom: look.zoom });
    if (look.panel && PANELS[studio.you.role].includes(look.panel) && look.panel !== studio.opened) studio.open(look.panel);
    led = false;
  }

  function astray({ key }) {
    if (led || leads() || !look || ["Tab", "Shift"].includes(key)) return; // going past the map leaves nothing
    follows = false;
    back.hidden = false;
  }

  function tell() {
    timer = 0;
    const fields = { ...map.look, ...(["alert", "watch", "help", "class"].includes(studio.opened) ? { panel: studio.opened } : {}) };
    const text = JSON.stringify(fields);
    if (text === looked || !leads() || !(room.shared || room.people.length > 1)) return;
    looked = text;
    studio.ask("class.look", fields).catch(() => {});
  }

  function turned() {
    if (leads()) timer ||= setTimeout(tell, 120);
  }
  map.on("moved", turned);
  studio.on("opened", turned);
  for (const kind of ["pointerdown", "wheel", "keydown"]) map.canvas.addEventListener(kind, astray, { passive: true });
  document.getElementById("tabs").addEventListener("click", astray);
  studio.on("class.look", (wanted) => { look = wanted; follow(); });

  // --- what a role sees -----------------------------------------------------------------------------

  function roomsOf(role) {
    for (const tab of document.getElementById("tabs").children) tab.hidden = !PANELS[role].includes(tab.id.slice(4));
    if (!PANELS[role].includes(studio.opened)) studio.open(role === "authority" ? "alert" : "watch");
  }
  studio.on("you", ({ role }) => {
    if (role !== roomsOf.of) studio.announce(parts[role]);
    roomsOf.of = role;
    roomsOf(role);
    follow();
    draw();
  });

  // --- the people -----------------------------------------------------------------------------------

  function people() {
    const rows = room.people.map(({ here, name, role }) => {
      const choice = make("select", { "aria-label": words("Role of {name}", { name }) },
        ...Object.entries(roles).filter(([key]) => key !== "lead")
          .map(([value, text]) => make("option", { value, text, selected: value === role })));
      choice.addEventListener("change", () => ask("class.role", { name, role: choice.value }));
      return make("tr", {}, make("th", { scope: "row", dir: "auto", text: name }),
        make("td", {}, leads() && role !== "lead" ? choice : roles[role]), make("td", {}, here ? words("here") : words("away"),
          leads() && !here ? button(words("Remove"), () => ask("class.remove_away", { name }), { "aria-label": `${words("Remove")}: ${name}` }) : null));
    });
    if (!rows.length) return make("p", { class: "note", text: words("Nobody has given a name yet.") });
    return make("div", { class: "scroll" }, make("table", {}, make("thead", {}, make("tr", {},
      ...[words("Name"), words("Role"), words("Now")].map((text) => make("th", { scope: "col", text })))),
    make("tbody", {}, ...rows)));
  }

  function invited() {
    if (!leads()) return null;
    if (!links.length) {
      return make("p", { class: "note", text: words("This studio is open on this machine alone. Start it with ewsim studio --share, and others on the same network can join.") });
    }
    return make("div", {}, make("p", { text: words("Others on the same network join here:") }),
      ...links.map((link) => make("p", { class: "link", dir: "ltr" }, make("a", { href: link, text: link }))),
      make("p", { class: "note", text: words("Whoever has this link sees the lesson. It goes over the network unencrypted.") }));
  }

  function named() {
    if (member.token) {
      return make("p", { class: "row" }, make("span", { text: words("You are here as {name}.", { name: member.name }) }),
        button(words("I am somebody else"), forget));
    }
    const [name, row] = typed(words("Your name"), { maxlength: 40, required: true, autocomplete: "off" });
    const form = make("form", { class: "card" }, row, make("button", { type: "submit", class: "main", text: words("Join") }));
    form.addEventListener("submit", (event) => { event.preventDefault(); join({ name: name.value }); });
    return form;
  }

  // --- the question that is asked -----------------------------------------------------------------

  function question() {
    const now = room.question;
    if (!now) return null;
    const title = make("h3", { dir: "auto", text: now.words });
    const count = make("p", { class: "note", text: words("Answers: {n}", { n: now.answered }) });
    if (now.state === "closed") {
      const rows = now.choices.map((text, n) => make("tr", {}, make("th", { scope: "row", dir: "auto", text }),
        make("td", { class: "n", text: now.counts[n] })));
      return make("section", { class: "card" }, title, count, rows.length ? make("table", {}, make("tbody", {}, ...rows)) : null,
        now.expected ? make("p", { dir: "auto" }, make("strong", { text: words("Expected:") }), " ", now.expected) : null);
    }
    if (leads()) return make("section", { class: "card" }, title, count);
    const own = answered?.words === now.words ? make("p", { dir: "auto" }, words("Your answer:"), " ", answered.text) : null;
    const give = (text) => ask("class.answer", { number: now.number, text }).then((answer) => {
      if (!answer) return;
      answered = { words: now.words, text };
      studio.announce(words("Your answer is given."));
      draw();
    });
    if (now.choices.length) {
      return make("section", { class: "card" }, title, ...now.choices.map((text) => button(text, () => give(text), { dir: "auto", class: "answer" })), own);
    }
    const [text, row] = typed(words("Your answer"), { rows: 3, maxlength: 300 });
    return make("section", { class: "card" }, title, row, button(words("Give the answer"), () => give(text.value), { class: "main" }), own);
  }

  // --- the lead's list of questions ---------------------------------------------------------------

  const [text, textRow] = typed(words("Question"), { rows: 2, maxlength: 600 });
  const [choices, choicesRow] = typed(words("Answers to choose from, one a line (none: free text)"), { rows: 3 });
  const [right, rightRow] = typed(words("Right answer, or what is expected"), { maxlength: 300 });
  const [minutes, minutesRow] = typed(words("Asked so many minutes after the decision"), { type: "number", step: "any", value: 0 });
  const writing = make("form", {}, textRow, choicesRow, rightRow, minutesRow, make("button", { type: "submit", text: words("Add the question") }));
  writing.addEventListener("submit", (event) => {
    event.preventDefault();
    const lines = choices.value.split("\n").map((line) => line.trim()).filter(Boolean).map((line) => ({ text: line }));
    ask("class.write", { words: text.value, choices: lines, expected: right.value, at_s: 60 * Number(minutes.value) })
      .then((answer) => answer && writing.reset());
  });
  const exercise = button(words("Take the questions of this scenario's exercise"), () => {
    exercise.disabled = true;
    ask("class.exercise", { language: studio.language });
  });
  const writer = make("details", { class: "card" }, make("summary", { text: words("Write a question") }), writing);
  studio.on("class.taken", ({ count }) => {
    exercise.disabled = false;
    studio.announce(words("{n} questions are there.", { n: count }));
  });
  studio.on("faults", ({ of }) => { if (of === "class.exercise") exercise.disabled = false; });

  function listed() {
    const rows = questions.map(({ words: asked, at_s: at, state, answers, expected }, number) => {
      const given = Object.entries(answers);
      return make("li", { class: "card" }, make("p", { dir: "auto" }, make("strong", { text: clockText(at) }), " ", asked),
        expected ? make("p", { class: "note", dir: "auto" }, words("Expected:"), " ", expected) : null,
        state === "due" ? make("p", { class: "note", text: words("Its time has come: it is asked when the one before it is closed.") }) : null,
        make("div", { class: "row" },
          state === "open" ? button(words("Close, and show the answers"), () => ask("class.close", { number })) : button(words("Ask now"), () => ask("class.ask", { number })),
          button(words("Remove"), () => ask("class.remove", { number }), { "aria-label": `${words("Remove")}: ${asked}` })),
        given.length ? make("details", {}, make("summary", { text: words("Answers: {n}", { n: given.length }) }),
          make("ul", {}, ...given.map(([name, text]) => make("li", { dir: "auto", text: `${name}: ${text}` })))) : null);
    });
    return make("section", {}, make("h3", { text: words("Questions") }),
      make("p", { class: "note", text: words("Each is asked by itself when its time comes, while time runs.") }),
      make("ul", { class: "cards" }, ...rows));
  }

  // The lead's page asks a question when the clock of the lesson passes its time.
  let before = null;
  studio.on("moment", (time_s, runs) => {
    const last = before;
    before = time_s;
    if (!leads() || last === null || !(time_s > last) || (!runs && time_s - last > 3600)) return;
    questions.forEach((one, number) => { // the studio asks them one after the other
      if (one.state === "waiting" && one.at_s > last && one.at_s <= time_s) studio.ask("class.due", { number }).catch(() => {});
    });
  });

  // --- everything together ----------------------------------------------------------------------------

  const head = make("div"), asked = make("div"), who = make("div"), list = make("div");
  panel.replaceChildren(make("h2", { text: words("Classroom") }), head, asked, who, list, writer, exercise);

  function filled(place, ...children) {
    const text = children.map((child) => child?.outerHTML ?? "").join("");
    if (place.was === text) return; // nothing is taken from under a reader's hands
    place.was = text;
    place.replaceChildren(...children.filter(Boolean));
  }

  function draw() {
    const { role } = studio.you;
    filled(head, make("p", { text: parts[role] }), named());
    filled(asked, question());
    filled(who, make("h3", { text: words("Who is here") }), people(), invited());
    filled(list, leads() ? listed() : null);
    writer.hidden = exercise.hidden = !leads() || !studio.state?.start.open;
  }

  studio.on("class.lead", ({ links: here, questions: all }) => {
    [links, questions] = [here, all];
    draw();
  });
  studio.on("state", (state) => {
    const before = room.question;
    let asking = false;
    room = state.class;
    if (room.question && room.question.words !== before?.words && room.question.state === "open" && !leads()) {
      studio.announce(`${words("Question")}: ${room.question.words}`);
      studio.open("class");
      asking = true;
    }
    draw();
    if (asking) asked.scrollIntoView({ block: "nearest" }); // on a phone it is far below the map
    turned();
  });
}
