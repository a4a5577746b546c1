/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Maps: the points are read from the page's own list; a place can be picked for a form. Without this file the list and the address remain.
   data-map holds data-center="lat,lon" data-zoom data-outline (GeoJSON of the town) data-tiles ("https://…/{z}/{x}/{y}.png", only if set). */
(function () {
  'use strict';
  if (!window.L) return;
  var mots = document.getElementById('mots-carte');
  function word(key) { return (mots && mots.getAttribute('data-' + key)) || ''; }
  function css(name) { return getComputedStyle(document.documentElement).getPropertyValue(name).trim(); }
  var MARK = '<svg width="30" height="40" viewBox="0 0 30 40" aria-hidden="true"><path d="M15 38C9 28 3 22 3 14a12 12 0 0 1 24 0c0 8-6 14-12 24z" fill="FILL" stroke="INK" stroke-width="2.5"/><circle cx="15" cy="14" r="4.5" fill="PAPER" stroke="INK" stroke-width="2"/></svg>';
  var AT_ONCE = { animate: false };     /* a zoom that is under way makes Leaflet forget the next one */
  var TONES = { done: '--v-green', moving: '--v-blue', refused: '--v-red', citizen: '--v-yellow', waiting: '--v-paper' };

  function icon(tone) {
    return L.divIcon({ className: 'pin', iconSize: [30, 40], iconAnchor: [15, 39], popupAnchor: [0, -36],
      html: MARK.replace('FILL', css(TONES[tone] || '--v-red')).replace(/INK/g, css('--ink')).replace('PAPER', css('--sheet')) });
  }
  function ground(box) {
    var at = (box.getAttribute('data-center') || '46.6,2.4').split(',').map(Number);
    box.hidden = false;
    var map = L.map(box, { scrollWheelZoom: false, zoomControl: false, attributionControl: true }).setView(at, +box.getAttribute('data-zoom') || 13);
    map.attributionControl.setPrefix(false);
    L.control.zoom({ zoomInTitle: word('zoom-in'), zoomOutTitle: word('zoom-out') }).addTo(map);
    if (box.getAttribute('data-tiles')) L.tileLayer(box.getAttribute('data-tiles'), { maxZoom: 19, attribution: box.getAttribute('data-credit') || '' }).addTo(map);
    else if (box.getAttribute('data-credit')) map.attributionControl.addAttribution(box.getAttribute('data-credit'));
    if (box.getAttribute('data-outline')) fetch(box.getAttribute('data-outline'), { credentials: 'same-origin' }).then(function (r) { return r.json(); }).then(function (shape) {
      var layer = L.geoJSON(shape, { interactive: false, style: { color: css('--ink'), weight: 2, fillColor: css('--paper'), fillOpacity: box.getAttribute('data-tiles') ? 0 : 1 } }).addTo(map);
      layer.bringToBack();
      if (!map.shown || !box.getAttribute('data-tiles')) map.fitBounds(layer.getBounds(), AT_ONCE);     /* nothing else to look at yet, or to find one's way by */
    }).catch(function () { /* the ground stays plain */ });
    return map;
  }
  function points(box, map) {
    var list = document.getElementById(box.getAttribute('data-list')), all = [];
    if (!list) return;
    Array.prototype.forEach.call(list.querySelectorAll('[data-lat]'), function (li) {
      var link = li.querySelector('a'), tag = li.querySelector('.tag'), said = document.createElement('div');
      var tone = tag ? tag.className.replace('tag', '').trim() : '';
      if (link) said.appendChild(link.cloneNode(true));
      if (tag) { said.appendChild(document.createElement('br')); said.appendChild(tag.cloneNode(true)); }
      var mark = L.marker([+li.getAttribute('data-lat'), +li.getAttribute('data-lon')], { icon: icon(tone), title: link ? link.textContent : '', alt: link ? link.textContent : '' }).addTo(map).bindPopup(said);
      all.push(mark.getLatLng());
      li.addEventListener('mouseenter', function () { mark.setZIndexOffset(1000); });
      li.addEventListener('mouseleave', function () { mark.setZIndexOffset(0); });
    });
    map.shown = all.length > 0;
    if (all.length > 1) map.fitBounds(L.latLngBounds(all), { padding: [30, 40], maxZoom: 16, animate: false });
    else if (all.length) map.setView(all[0], 16, AT_ONCE);
  }
  function place(holder, box, map) {
    var lat = holder.querySelector('input[name$=".lat"]'), lon = holder.querySelector('input[name$=".lon"]'), mark = null, note = document.createElement('p');
    if (!lat || !lon) return;
    note.className = 'hint';
    note.setAttribute('role', 'status');
    box.parentNode.insertBefore(note, box.nextSibling);
    function told(input) { input.dispatchEvent(new Event('change', { bubbles: true })); }
    function put(at, tell) {
      if (!mark) {
        mark = L.marker(at, { icon: icon(), draggable: true, keyboard: true, alt: word('here') }).addTo(map);
        mark.on('dragend', function () { put(mark.getLatLng(), true); });
      }
      mark.setLatLng(at);
      map.shown = true;
      note.textContent = word('here');
      if (!tell) return;
      lat.value = at.lat.toFixed(6);
      lon.value = at.lng.toFixed(6);
      told(lat);
      told(lon);
    }
    function read() {
      var a = parseFloat(lat.value.replace(',', '.')), b = parseFloat(lon.value.replace(',', '.'));
      if (isNaN(a) || isNaN(b)) return;
      put(L.latLng(a, b), false);
      map.setView([a, b], Math.max(map.getZoom(), 16), AT_ONCE);
    }
    if (navigator.geolocation && window.isSecureContext) {
      var ask = document.createElement('button');
      ask.type = 'button';
      ask.className = 'quiet small-button';
      ask.textContent = word('position');
      box.parentNode.insertBefore(ask, box);
      ask.addEventListener('click', function () {
        ask.disabled = true;
        navigator.geolocation.getCurrentPosition(function (p) {
          ask.disabled = false;
          put(L.latLng(p.coords.latitude, p.coords.longitude), true);
          map.setView([p.coords.latitude, p.coords.longitude], 17);
        }, function () { ask.disabled = false; note.textContent = word('no-position'); }, { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 });
      });
    }
    map.on('click', function (e) { put(e.latlng, true); });
    holder.addEventListener('beffroi:chosen', function (e) {
      if (e.detail.lat === undefined) return;
      put(L.latLng(+e.detail.lat, +e.detail.lon), true);
      map.setView([+e.detail.lat, +e.detail.lon], 17);
    });
    [lat, lon].forEach(function (i) { i.addEventListener('blur', read); });
    read();
  }
  Array.prototype.forEach.call(document.querySelectorAll('[data-map]'), function (holder) {
    var box = holder, picks = !holder.classList.contains('map');
    if (picks) {
      box = holder.querySelector('.map') || holder.appendChild(document.createElement('div'));
      box.className = 'map';
      ['center', 'zoom', 'outline', 'tiles', 'credit'].forEach(function (k) { if (holder.hasAttribute('data-' + k)) box.setAttribute('data-' + k, holder.getAttribute('data-' + k)); });
    }
    var map = ground(box);
    points(box, map);
    if (picks) place(holder, box, map);
  });
})();
