// What cannot wait for the modules: a classic script, which runs before anything below it is read.
{
  /** Longest that the page is kept from being drawn, in milliseconds. */
  const PATIENCE = 150;

  // To lay the page out before its first answer is there takes time that the answer needs, and shows what is replaced at once.
  // Without JavaScript nothing waits.
  const { classList } = document.documentElement;
  const reveal = () => classList.remove("waiting");
  classList.add("waiting");
  setTimeout(reveal, PATIENCE);

  // As in `api.js`, which takes this over; the token is its own.
  const token = sessionStorage.getItem("hitflop-token");
  const features = fetch("v1/features", { headers: token ? { Authorization: `Bearer ${token}` } : {} });
  // Whoever takes it reports what went wrong.
  features.catch(() => {});

  window.early = { features, reveal };
}
