// Runs before the first paint, so that a dark room never sees a white flash. Must not do anything else.
(function () {
  var root = document.documentElement;
  try {
    var kept = JSON.parse(localStorage.getItem('anlan.settings') || '{}');
    if (kept.theme === 'light' || kept.theme === 'dark') root.dataset.theme = kept.theme;
    if (kept.density) root.dataset.density = kept.density;
    if (kept.size) root.dataset.size = kept.size;
    if (kept.lang) root.lang = kept.lang === 'en' ? 'en' : 'zh-CN';
  } catch {
    root.dataset.theme = 'light';
  }
})();
