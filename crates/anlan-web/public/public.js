// What makes the public pages more comfortable. Every page works without it; nothing here is needed.
'use strict';

for (const form of document.querySelectorAll('form[data-once]')) {
  form.addEventListener('submit', () => {
    const button = form.querySelector('button[type=submit]');
    // Not before the form is gathered: a disabled control would drop out of it.
    const label = button.textContent;
    setTimeout(() => {
      button.disabled = true;
      if (button.dataset.busy) button.textContent = button.dataset.busy;
    });
    // Somebody who comes back with the browser's button may send again.
    addEventListener('pageshow', () => {
      button.disabled = false;
      button.textContent = label;
    }, { once: true });
  });
}

for (const input of document.querySelectorAll('input[type=file]')) {
  const said = document.getElementById('photo-said');
  input.addEventListener('change', () => {
    const files = [...input.files];
    const tooMany = files.length > Number(input.dataset.max);
    const tooLarge = files.find((file) => file.size > 20 * 1024 * 1024);
    said.textContent = tooMany ? input.dataset.many : tooLarge ? `${tooLarge.name}: ${input.dataset.large}` : '';
  });
}

// Class and place chosen: whether something of this kind is known about there.
const near = document.getElementById('near');
let nearAsked;
function askNear() {
  clearTimeout(nearAsked);
  nearAsked = setTimeout(async () => {
    const [kind, lat, lon] = ['class', 'lat', 'lon'].map((id) => document.getElementById(id).value.trim());
    let said = '';
    if (kind && lat && lon) {
      const query = new URLSearchParams({ class: kind, lat, lon, lang: document.documentElement.lang });
      const answer = await fetch(`/report/near?${query}`).catch(() => undefined);
      if (answer && answer.ok) said = await answer.text();
    }
    near.textContent = said;
    near.hidden = !said;
  }, 400);
}
if (near) {
  for (const id of ['class', 'lat', 'lon']) document.getElementById(id).addEventListener('input', askNear);
}

const place = document.getElementById('locate');
if (place && 'geolocation' in navigator && isSecureContext) {
  const button = document.createElement('button');
  const said = document.createElement('p');
  button.type = 'button';
  button.textContent = place.dataset.label;
  said.className = 'hint';
  said.setAttribute('role', 'status');
  place.append(button, said);
  button.addEventListener('click', () => {
    said.textContent = place.dataset.busy;
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        document.getElementById('lat').value = coords.latitude.toFixed(6);
        document.getElementById('lon').value = coords.longitude.toFixed(6);
        document.getElementById('error_m').value = String(Math.ceil(coords.accuracy));
        document.getElementById('point').open = true;
        askNear();
        said.textContent = place.dataset.done.replace('{m}', String(Math.ceil(coords.accuracy)));
      },
      () => { said.textContent = place.dataset.failed; },
      { enableHighAccuracy: true, timeout: 20000, maximumAge: 60000 },
    );
  });
  for (const id of ['lat', 'lon']) {
    // A place typed by hand has no stated error.
    document.getElementById(id).addEventListener('input', () => { document.getElementById('error_m').value = ''; });
  }
}
