// What words mean, and a first visit. Help mode shows the nomenclature's meaning of the words that are pointed at or
// have the focus; a list has them all.

const steps = (words) => [
  ["start", words("Begin with a scenario of the list, with your own files, or with a new island. Everything you do is saved at once, and can be undone.")],
  ["alert", words("Draw the area that is warned and write the text. Beside it stands what a broadcast centre would make of it.")],
  ["watch", words("Send it and let time run: people turn blue as they are reached. Cut power or links on the map, and see who is missed.")],
  ["help", words("Compare what would help: each measure beside the plan as it is.")],
  ["class", words("Let others join with a link and a code; they see what you show.")],
  ["leave", words("Take away the scenario, the report, the replay, pictures and an exercise.")],
];

export function start(studio) {
  const { make, words } = studio, at = (id) => document.getElementById(id);
  const box = at("meaning"), list = at("terms"), guide = at("guide");
  let terms = null, pattern = null, helping = false;

  async function fetched() {
    if (terms) return;
    const found = await (await fetch("/page/terms.json")).json();
    terms = new Map();
    for (const one of found) {
      for (const word of one.word.replace(/ \(.*/, "").toLowerCase().split(", ")) terms.set(word, [...(terms.get(word) ?? []), one]);
    }
    const longest = [...terms.keys()].sort((a, b) => b.length - a.length);
    pattern = new RegExp(`(?<![\\p{L}])(${longest.map((one) => one.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|")})(e?s)?(?![\\p{L}])`, "giu");
  }

  // A word in the page's language, with the English one that files have; what has no translation reads in English.
  function entry({ word, means, source }) {
    const whole = `${word} = ${means}`, said = words(whole), [own, ...rest] = said.split(" = ");
    const english = said === whole ? { lang: "en", dir: "ltr" } : { dir: "auto" };
    const meaning = rest.join(" = ");
    return [
      make("dt", { text: own, ...english }, said === whole ? null : make("span", { lang: "en", dir: "ltr", class: "also", text: word })),
      make("dd", { text: source ? `${meaning} (${source})` : meaning, ...english }),
    ];
  }

  // What an element says is looked up in English, text by text: words of other languages bend.
  function meanings(element) {
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT), found = [];
    while (walker.nextNode() && found.length < 50) {
      const text = studio.english(walker.currentNode.data.trim()).slice(0, 2000);
      found.push(...[...text.matchAll(pattern)].map((one) => one[1].toLowerCase()));
    }
    return [...new Set(found.flatMap((one) => terms.get(one)))].slice(0, 6);
  }

  function explain({ target }) {
    if (!helping || box.contains(target)) return;
    const near = target.closest?.("label, button, th, td, dt, dd, h2, h3, h4, p, li, summary, option, legend");
    const found = near ? meanings(near) : [];
    if (found.length) box.replaceChildren(make("dl", {}, ...found.flatMap(entry)));
  }

  async function help(wanted) {
    try {
      await fetched();
    } catch (error) {
      return studio.trouble([words("The connection to the studio was lost. Try again.")]);
    }
    helping = wanted;
    at("help-mode").setAttribute("aria-pressed", wanted);
    box.hidden = !wanted;
    box.replaceChildren(make("p", { text: words("Point at a text, or go to it with the Tab key: the meaning of its words stands here. Escape ends the help.") }));
  }

  function shown(wanted) {
    const fits = ({ word, means }) => `${words(`${word} = ${means}`)} ${word} ${means}`.toLowerCase().includes(wanted.toLowerCase());
    const rows = [...new Set([...terms.values()].flat())].filter(fits);
    at("terms-found").replaceChildren(...rows.flatMap(entry));
    at("terms-count").textContent = words("{n} words", { n: rows.length });
  }

  at("help-mode").addEventListener("click", () => help(!helping));
  document.addEventListener("pointerover", explain);
  document.addEventListener("focusin", explain);
  document.addEventListener("keydown", ({ key }) => {
    if (key === "Escape" && helping && !list.open) help(false);
  });
  at("all-terms").addEventListener("click", async () => {
    await fetched();
    at("terms-wanted").value = "";
    shown("");
    list.showModal();
  });
  at("terms-wanted").addEventListener("input", ({ target }) => shown(target.value));
  at("terms-close").addEventListener("click", () => list.close());

  // --- the first visit ------------------------------------------------------------------------------

  const all = steps(words);
  let step = -1;

  function visit(wanted) {
    step = wanted;
    const over = step < 0 || step >= all.length;
    guide.hidden = over;
    at("visit").setAttribute("aria-expanded", !over);
    if (over) {
      localStorage.setItem("visited", "true");
      if (guide.contains(document.activeElement)) at("visit").focus();
      return;
    }
    const [panel, text] = all[step];
    studio.open(panel);
    at("guide-text").textContent = text;
    at("guide-place").textContent = words("Step {n} of {all}", { n: step + 1, all: all.length });
    at("guide-next").textContent = step + 1 < all.length ? words("Next") : words("Done");
  }

  at("visit").addEventListener("click", () => visit(guide.hidden ? 0 : -1));
  at("guide-next").addEventListener("click", () => visit(step + 1));
  at("guide-end").addEventListener("click", () => visit(-1));
  if (!localStorage.getItem("visited")) {
    visit(0);
    studio.open("start");
  }
}
