// The texts of the alert, with what becomes of them while they are typed, what is wrong with them, and what
// follows the message.

const TEXTS = ["event", "headline", "description", "instruction"];
const WORDS = ["severity", "urgency", "certainty", "status"];

export function startMessage(studio, panel, { mayEdit }) {
  const { make, words } = studio;
  const TITLES = {
    event: words("Event"), headline: words("Headline"), description: words("Description"),
    instruction: words("Instruction"), severity: words("Severity"), urgency: words("Urgency"),
    certainty: words("Certainty"), status: words("Status"),
  };
  const texts = make("div"), head = make("div", { class: "row" }), place = make("div"), broken = make("div");
  const KEPT = { signature: words("signature"), extensions: words("extensions"), comments: words("comments"), envelope: words("envelope") };
  const lost = make("p", { class: "note", role: "status", hidden: true });
  const air = make("div", { class: "findings" });
  const found = make("div", { lang: "en", dir: "ltr" });
  const then = make("div"), templates = make("div");
  const more = make("button", { type: "button", text: words("Add a language"), onclick: () => addLanguage() });
  place.append(broken, lost, head, texts, more, air);
  panel.append(make("h3", { text: words("Message") }), place,
    make("h3", { text: words("Findings") }), found,
    make("h3", { text: words("What follows") }), then);
  let alert = null, rows = [], typing = 0, keeping = 0, asked = 0, drawn = "";

  const button = (text, onclick, given = {}) => make("button", { type: "button", text, onclick, ...given });

  // --- what is typed ------------------------------------------------------------------------------------

  const typed = () => rows.map(({ of, fields }) => ({
    of, sender_name: alert.message.texts[of]?.sender_name ?? "",
    ...Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.value])),
  }));

  function onType() {
    clearTimeout(typing);
    clearTimeout(keeping);
    typing = setTimeout(preview, 150);
    keeping = setTimeout(keep, 1500);
  }

  function preview() {
    asked += 1;
    const mine = asked;
    studio.ask("alert.preview", { texts: typed() }).then(
      (said) => {
        if (mine !== asked) return;
        studio.faults(place, null);
        say(said);
      },
      (error) => { if (mine === asked) studio.faults(place, error); },
    );
  }

  function keep(changes = {}) {
    clearTimeout(keeping);
    keeping = 0;
    if (!alert?.message) return;
    studio.ask("alert.text", { texts: typed(), ...changes }).then(
      () => studio.faults(place, null), (error) => studio.faults(place, error));
  }

  function addLanguage() {
    const have = alert.message.texts.map(({ language }) => language.split("-")[0]);
    const language = [...alert.languages, "en", "fr", "es", "ar"].find((tag) => !have.includes(tag.split("-")[0])) ?? "en";
    studio.ask("alert.text", { texts: [...typed(), { of: null, language, event: alert.message.texts[0]?.event ?? "" }] })
      .then(() => texts.lastElementChild?.querySelector("input").focus(), (error) => studio.faults(place, error));
  }

  function field(name, value, language, rowsHigh) {
    const given = { lang: language, dir: "auto", "data-field": name, disabled: !mayEdit(), oninput: onType, onchange: () => keep() };
    const box = rowsHigh ? make("textarea", { ...given, rows: rowsHigh }) : make("input", { ...given, type: "text" });
    box.value = value;
    return box;
  }

  function block(text, n, count) {
    const fields = {
      language: make("input", { type: "text", size: 7, dir: "ltr", disabled: !mayEdit(), onchange: () => keep() }),
      event: field("event", text.event, text.language, 0),
      headline: field("headline", text.headline, text.language, 2),
      description: field("description", text.description, text.language, 4),
      instruction: field("instruction", text.instruction, text.language, 3),
    };
    fields.language.value = text.language;
    const meter = make("div", { class: "meter" });
    const away = count > 1 && mayEdit() ? button(words("Remove this language"), () => {
      rows = rows.filter((row) => row.of !== n);
      keep();
    }) : null;
    rows.push({ of: n, fields, meter });
    return make("fieldset", {}, make("legend", { text: text.language, dir: "ltr" }),
      make("label", { class: "field" }, words("Language code"), fields.language),
      ...TEXTS.map((name) => make("label", { class: "field" }, TITLES[name], fields[name])), meter, away);
  }

  // --- what becomes of it ----------------------------------------------------------------------------------

  function said(text) {
    const letters = text.alphabet === "gsm7" ? words("7-bit alphabet") : words("UCS-2");
    const bar = make("meter", { min: 0, max: 15, value: text.pages, "aria-label": words("Pages") });
    const lines = [make("p", {}, bar, " ", words("{pages} of 15 pages, {letters}, {count} characters, {parts} SMS", {
      pages: text.pages, letters, count: text.characters, parts: text.sms_parts }))];
    lines.push(make("p", { class: "note" }, words("Level: {level}", { level: text.level }), ` (${text.message_identifier})`));
    if (text.forcing.length && text.forcing.length <= 12) {
      const shown = text.forcing.map((c) => `${c} U+${c.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`).join(", ");
      lines.push(make("p", { class: "note", text: words("UCS-2 because of: {characters}", { characters: shown }) }));
    }
    if (text.truncated) {
      lines.push(make("p", { class: "cut", text: words("Only the first {n} characters are sent; the rest is cut off.", { n: [...text.sent].length }) }));
    }
    lines.push(make("details", {}, make("summary", { text: words("As phones show it") }),
      make("p", { class: "phone", lang: text.language, dir: "auto", text: text.sent })));
    return lines;
  }

  function say({ plan, findings, verdict }) {
    const spare = [...(plan?.texts ?? [])];
    for (const row of rows) {
      const opened = row.meter.querySelector("details")?.open ?? false;
      const at = spare.findIndex(({ language }) => language.toLowerCase() === row.fields.language.value.toLowerCase());
      const [text] = at < 0 ? [] : spare.splice(at, 1);
      row.meter.replaceChildren(...(text ? said(text) : [make("p", { class: "note", text: words("Not broadcast.") })]));
      const details = row.meter.querySelector("details");
      if (details) details.open = opened;
    }
    air.replaceChildren(...studio.lists([...(plan?.reasons ?? []), ...(plan?.notes ?? [])]));
    const order = { error: 0, warning: 1, info: 2 };
    const sorted = [...findings].sort((a, b) => order[a.severity] - order[b.severity]);
    const english = studio.language === "en" ? {} : { lang: "en", dir: "ltr" };
    found.replaceChildren(
      english.lang ? make("p", { class: "note", text: words("From files and readers, in English:") }) : "",
      make("p", { class: "note", ...english, text: Object.entries(verdict).map(([layer, state]) => `${layer} ${state}`.replaceAll("_", " ")).join(", ") }),
      make("ul", { class: "findings", ...english }, ...sorted.slice(0, 50).map((one) => make("li", { class: one.severity },
        make("strong", { text: one.severity }), ` ${one.line ? `${one.line}:${one.column} ` : ""}${one.message} ${one.fix} `,
        make("code", { text: one.rule })))));
  }

  // --- words and hours --------------------------------------------------------------------------------------

  function choices(message) {
    head.replaceChildren(...WORDS.map((name) => {
      const choice = make("select", { lang: "en", disabled: !mayEdit(), "data-word": name,
        onchange: ({ target }) => keep({ words: { [name]: target.value } }) },
      ...alert.choices[name].map((text) => make("option", { value: text, text })));
      choice.value = message.words[name];
      return make("label", { class: "field" }, TITLES[name], choice);
    }), make("label", { class: "field" }, words("Valid for (hours)"), make("input", {
      type: "number", min: 0, step: "any", dir: "ltr", value: message.hours ?? "", disabled: !mayEdit(),
      onchange: ({ target }) => keep({ hours: target.valueAsNumber }),
    })));
  }

  // --- what follows, templates ----------------------------------------------------------------------------------

  const DO = { update: words("Update"), stop: words("Stop"), cancel: words("Cancel") };

  function follow() {
    const choice = make("select", { "aria-label": words("What follows") },
      ...Object.entries(DO).map(([value, text]) => make("option", { value, text })));
    const minutes = make("input", { type: "number", min: 0, step: "any", value: 30, dir: "ltr" });
    const text = make("input", { type: "text", dir: "auto" });
    const add = () => studio.ask("alert.follow_up", { do: choice.value, at_s: minutes.valueAsNumber * 60, text: text.value })
      .then(() => studio.faults(then, null), (error) => studio.faults(then, error));
    const take = async (kind) => {
      try {
        location.assign((await studio.ask("alert.take", { kind })).path);
      } catch (error) {
        studio.faults(then, error);
      }
    };
    then.replaceChildren(
      make("ul", {}, ...alert.then.map((one, n) => make("li", {},
        `${DO[one.do] ?? one.do}: ${words("{n} min after the decision", { n: one.at_s / 60 })} ${one.text ?? ""} `,
        mayEdit() ? button(words("Remove"), () => studio.ask("alert.no_follow_up", { number: n })
          .catch((error) => studio.faults(then, error)), { "aria-label": words("Remove {name}", { name: DO[one.do] ?? one.do }) }) : null))),
      ...(mayEdit() ? [make("div", { class: "row" }, choice,
        make("label", { class: "field" }, words("Minutes after the decision"), minutes),
        make("label", { class: "field" }, words("New text (may be empty)"), text), button(words("Add"), add))] : []),
      make("div", { class: "row" }, button(words("Take the CAP file"), () => take("alert")),
        button(words("Take its update"), () => take("update")), button(words("Take its cancel"), () => take("cancel"))),
    );
  }

  function begin() {
    const kind = make("select", { "aria-label": words("Template") },
      ...Object.keys(alert.templates).map((value) => make("option", { value, text: value, lang: "en" })));
    const tags = [...new Set([...alert.languages, ...(alert.message?.texts.map(({ language }) => language) ?? []), "en"])];
    templates.replaceChildren(...(mayEdit() ? [make("div", { class: "row" }, kind, button(words("Start from the template"), () => {
      studio.ask("alert.template", { kind: kind.value, languages: tags.slice(0, 20).map((tag) => ({ tag })) }).then(
        () => { studio.faults(templates, null); studio.announce(words("The message is new.")); },
        (error) => studio.faults(templates, error));
    }))] : []));
  }

  function show(given) {
    alert = given;
    if (!alert?.targeting) return;
    const { message } = alert;
    studio.faults(broken, alert.faults ? alert : null);
    const { of: away, gone } = alert.not_kept, what = away.map((name) => KEPT[name]).join(", ");
    const sentence = !away.length ? "" : gone
      ? words("The message was changed here and has lost: {what}. Undo brings them back; a signature must be made again.", { what })
      : words("A change here does not keep these parts of the file: {what}.", { what });
    lost.hidden = !sentence;
    lost.className = gone ? "cut" : "note";
    if (lost.textContent !== sentence) lost.textContent = sentence;
    const now = JSON.stringify([message?.texts.map(({ language }) => language), mayEdit(), alert.templates]);
    if (now !== drawn) {
      drawn = now;
      rows = [];
      texts.replaceChildren(...(message?.texts ?? []).map((text, n) => block(text, n, message.texts.length)));
      begin();
    }
    for (const row of rows) {
      for (const [name, box] of Object.entries(row.fields)) {
        const value = message.texts[row.of][name];
        if (box !== document.activeElement && !keeping && box.value !== value) box.value = value;
      }
    }
    more.hidden = !message || !mayEdit();
    if (message && !head.contains(document.activeElement)) choices(message);
    if (!then.contains(document.activeElement) || !then.children.length || document.activeElement.type === "button") follow();
    if (!keeping) say(alert);
  }

  return { show, templates };
}
