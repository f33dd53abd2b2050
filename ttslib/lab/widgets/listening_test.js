// The screens of a listening test. Python sends their content in `screen`; the rater's actions are
// sent back as messages. A clip has only a play button: a player with a slider would let a rater
// jump to the end.

let widgets = 0; // for ids that are unique on the page

function render({ model, el }) {
  const id = `listening-${widgets++}`;
  let leave = () => {};

  function show() {
    leave();
    const screen = model.get("screen");
    const page = document.createElement("section");
    page.className = "ttslib-listening";
    page.dataset.lmSuppressShortcuts = true; // its keys aren't for the notebook
    page.dataset.screen = screen.name;
    leave = SCREENS[screen.name]({ page, screen, id, send: (message) => model.send(message) }) ?? (() => {});
    el.replaceChildren(page);
    // The element that had the focus is gone. At first the page isn't shown yet.
    const focus = () => {
      if (document.activeElement === document.body) page.querySelector("[data-first]")?.focus();
    };
    focus();
    requestAnimationFrame(focus);
  }

  show();
  model.on("change:screen", show);
  return () => {
    leave();
    model.off("change:screen", show);
  };
}

const kept = (rated) => `${rated} ${rated === 1 ? "answer is" : "answers are"} kept`;

const SCREENS = {
  welcome({ page, screen, id, send }) {
    page.innerHTML = `
      <h1>Listening test</h1>
      <p>You will hear short clips of speech and answer one question about each:
         <b class="much"></b>. <span class="advice"></span></p>
      <ul>
        <li>Sit somewhere quiet and <b>put on headphones</b>.</li>
        <li>You can pause at any time. Every answer is kept at once.</li>
        <li>The first few are practice.</li>
      </ul>
      <form>
        <label for="${id}-name">Your name, or a word that only you use</label>
        <input id="${id}-name" type="text" autocomplete="off" required maxlength="80" data-first
               aria-describedby="${id}-hint">
        <p id="${id}-hint" class="soft">If you stop, the same name brings you back to where you were.</p>
        <p role="alert"></p>
        <button type="submit" class="main">Start</button>
      </form>`;
    const minutes = screen.minutes === 1 ? "a minute" : `${screen.minutes} minutes`;
    page.querySelector(".much").textContent =
      `${screen.questions} question${screen.questions === 1 ? "" : "s"}, about ${minutes}`;
    page.querySelector(".advice").textContent = screen.advice;
    page.querySelector("[role=alert]").textContent = screen.alert;
    page.querySelector("form").onsubmit = (event) => {
      event.preventDefault();
      send({ join: page.querySelector("input").value });
    };
  },

  volume({ page, screen, send }) {
    page.innerHTML = `
      <h1>Set the volume</h1>
      <p>With your headphones on, play this clip, as often as you like, and make it as loud as you
         would like to be spoken to. Then leave the volume as it is.</p>
      <div class="clips"></div>
      <p role="status" class="soft">Play it to the end to go on.</p>
      <button type="button" class="main" disabled>Continue</button>`;
    const on = page.querySelector(".main");
    const told = page.querySelector("[role=status]");
    if (screen.rated) told.textContent = `Welcome back: ${kept(screen.rated)}. ${told.textContent}`;
    on.onclick = () => send({ go: true });
    return players(page, screen.clips, ["clip"], () => {
      on.disabled = false;
      told.textContent = "";
    });
  },

  trial({ page, screen, id, send }) {
    page.innerHTML = `
      <header>
        <span id="${id}-place"></span>
        <progress aria-labelledby="${id}-place"></progress>
        <button type="button" class="quiet">Pause</button>
      </header>
      <h1 id="${id}-question"></h1>
      <div class="clips"></div>
      <form>
        <fieldset disabled aria-labelledby="${id}-question"></fieldset>
        <p role="status" class="soft"></p>
        <button type="submit" class="main" disabled>Next</button>
      </form>`;
    const [place, form, told] = ["header span", "form", "[role=status]"].map((s) => page.querySelector(s));
    const [fields, next] = [form.querySelector("fieldset"), form.querySelector(".main")];
    place.textContent = `${screen.practice ? "Practice" : "Question"} ${screen.place} of ${screen.of}`;
    Object.assign(page.querySelector("progress"), { value: screen.place - 1, max: screen.of });
    page.querySelector("h1").textContent = screen.question;
    page.querySelector(".quiet").onclick = () => send({ pause: true });
    for (const [score, words, key] of screen.answers) {
      const label = document.createElement("label");
      label.innerHTML = `<input type="radio" name="${id}-score"><span></span><kbd aria-hidden="true"></kbd>`;
      label.firstChild.value = score;
      label.firstChild.dataset.key = key;
      label.firstChild.dataset.lmSuppressShortcuts = true; // JupyterLab intercepts arrow keys everywhere
      label.children[1].textContent = words;
      label.lastChild.textContent = key;
      fields.append(label);
    }
    const all = screen.clips.length > 1 ? "each clip" : "the clip";
    const say = (text) => { if (told.textContent !== text) told.textContent = text; };
    say(`Play ${all} to the end, then answer.`);
    const heard = new Set();
    const stop = players(page, screen.clips, screen.names, (clip) => {
      heard.add(clip);
      send({ heard: screen.trial, clip });
      if (heard.size < screen.clips.length || !fields.disabled) return;
      fields.disabled = false;
      say(screen.practice ? "Choose an answer. This is practice and doesn't count." : "Choose an answer.");
    });
    fields.onchange = () => { next.disabled = false; };
    form.onkeydown = page.onkeydown = (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || fields.disabled) return;
      const chosen = [...fields.querySelectorAll("input")].find((input) => input.dataset.key === event.key);
      if (!chosen) return;
      event.preventDefault();
      chosen.click();
      chosen.focus();
    };
    let patience;
    form.onsubmit = (event) => {
      event.preventDefault();
      const chosen = fields.querySelector("input:checked");
      if (!chosen || next.disabled) return;
      next.disabled = fields.disabled = true;
      send({ score: Number(chosen.value), trial: screen.trial });
      patience = setTimeout(() => say(
        "No reply yet. If this stays, reload the page and give the same name: what you answered before is kept."), 8000);
    };
    return () => {
      clearTimeout(patience);
      stop();
    };
  },

  paused({ page, screen, send }) {
    page.innerHTML = `
      <h1>Paused</h1>
      <p></p>
      <button type="button" class="main" data-first>Go on</button>`;
    page.querySelector("p").textContent =
      `${kept(screen.rated)}. You may close this page and come back later as “${screen.rater}”.`;
    page.querySelector("button").onclick = () => send({ go: true });
  },

  done({ page, screen }) {
    page.innerHTML = `<h1 tabindex="-1" data-first>Thank you!</h1><p></p>`;
    page.querySelector("p").textContent =
      `That was all: ${kept(screen.rated)}. You may close this page.`;
  },

  trouble({ page, screen, send }) {
    page.innerHTML = `
      <h1>Something is wrong</h1>
      <p role="alert"></p>
      <p>Your answers until now are kept. Please tell whoever asked you to listen.</p>
      <button type="button" class="main" data-first>Try again</button>`;
    page.querySelector("[role=alert]").textContent = screen.message;
    page.querySelector("button").onclick = () => send({ go: true });
  },
};

// One button per clip, which plays it from its start, or stops it. Returns a function to stop all.
function players(page, clips, names, onHeard) {
  const sounds = clips.map((bytes, clip) => {
    const url = URL.createObjectURL(new Blob([bytes], { type: "audio/flac" }));
    const audio = new Audio(url);
    const button = document.createElement("button");
    button.type = "button";
    button.className = "clip";
    button.innerHTML = `<span class="sign" aria-hidden="true"></span><span class="name"></span>
                        <span class="bar" aria-hidden="true"><span></span></span>`;
    const [sign, name, bar] = button.children;
    if (clip === 0) button.dataset.first = true;
    const alone = clips.length === 1;
    const draw = () => {
      const does = audio.paused ? "Play" : "Stop";
      sign.textContent = audio.paused ? "▶" : "■";
      name.textContent = alone ? does : names[clip];
      button.setAttribute("aria-label", `${does} ${alone ? "the clip" : names[clip]}`);
    };
    let frame;
    const move = () => {
      bar.firstChild.style.width = `${(100 * audio.currentTime) / (audio.duration || Infinity)}%`;
      if (!audio.paused) frame = requestAnimationFrame(move);
    };
    audio.onplay = () => { draw(); move(); };
    audio.onpause = () => { draw(); move(); };
    audio.onended = () => {
      button.classList.add("heard");
      onHeard(clip);
    };
    audio.onerror = () => {
      page.querySelector("[role=status]").textContent = "This browser can't play the clip; please try another browser.";
    };
    button.onclick = () => {
      const again = audio.paused;
      for (const { audio: other } of sounds) {
        other.pause();
        other.currentTime = 0;
      }
      if (again) audio.play();
    };
    draw();
    page.querySelector(".clips").append(button);
    return { audio, end: () => { cancelAnimationFrame(frame); audio.onerror = null; audio.pause(); audio.removeAttribute("src"); URL.revokeObjectURL(url); } };
  });
  return () => sounds.forEach(({ end }) => end());
}

export default { render };
