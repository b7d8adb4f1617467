// The first answer, before all else: to build the controls and what is below the answer takes longer than to answer.

import * as api from "./api.js";
import { fromAddress, request } from "./track.js";
import { showVerdict } from "./verdict.js";

/** Longest that the rest of the page waits for the answer, in milliseconds. */
const PATIENCE = 150;

/** The rest of the page; loaded no earlier than needed, for browsers take the more time for each file the more there are. */
const rest = () => import("./app.js");
/** Lets the page be drawn, which `early.js` keeps from it. */
const reveal = () => window.early?.reveal();
const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
/** Until what has been changed is seen; a page in the background is never drawn. */
const drawn = () => Promise.race([new Promise((done) => requestAnimationFrame(() => setTimeout(done))), pause(100)]);

/** The features, and the answer that is on its way. Nothing if they were refused: the page itself requests them again, and reports why. */
async function ask() {
  try {
    const infos = await api.features();
    const sent = request(fromAddress(infos, location.hash));
    const answer = api.predict(sent);
    rest();
    const shown = answer.then((found) => {
      showVerdict(found, infos.decade?.used_by_model === false ? null : sent.decade);
      reveal();
    });
    await Promise.race([shown.then(drawn, () => {}), pause(PATIENCE)]);
    return { infos, sent, answer };
  } catch (error) {
    if (error instanceof api.Refusal) return null;
    throw error;
  } finally {
    reveal();
  }
}

const first = await ask();
const { start } = await rest();
start(first);
