/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Comfort for forms; every one of them works without this file. The markup is in docs/form-markup.md. JavaScript of 2018. */
(function () {
  'use strict';
  var mots = document.getElementById('mots');
  var form = document.querySelector('form[data-save]');
  var store = storage();

  function word(key, value) { var s = (mots && mots.getAttribute('data-' + key)) || ''; return value === undefined ? s : s.replace('#', value); }
  function each(root, selector, fn) { Array.prototype.forEach.call(root.querySelectorAll(selector), fn); }
  function el(tag, attributes, text) {
    var e = document.createElement(tag);
    Object.keys(attributes || {}).forEach(function (k) { e.setAttribute(k, attributes[k]); });
    if (text) e.textContent = text;
    return e;
  }
  function token(of) { var f = of && of.querySelector('input[name="csrf"]'); return f ? f.value : ''; }
  function base(name) { return name.split(/[:.]/)[0]; }            /* f12, of f12.d or f12:id */
  function storage() { try { localStorage.setItem('beffroi', '1'); localStorage.removeItem('beffroi'); return localStorage; } catch (e) { return null; } }
  function live(text) {
    var box = document.getElementById('live');
    if (!box) { box = el('p', { id: 'live', 'class': 'hide', role: 'status' }); document.body.appendChild(box); }
    box.textContent = text;
  }

  /* ---- saving each field as it is left; what cannot leave is kept on this device ---- */
  var waiting = {}, sending = false, timers = {}, gone = false, leaving = false;
  var copyKey = form ? 'beffroi:' + (form.getAttribute('data-draft') || location.pathname) : '';

  function state(kind, why) {
    var box = document.querySelector('[data-save-state]'), now = new Date();
    if (!box) return;
    box.className = 'save-state ' + kind;
    box.textContent = word(kind, why || now.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' }));
  }
  function pairsOf(path) {
    var out = [];
    Array.prototype.forEach.call(form.elements, function (e) {
      if (!e.name || base(e.name) !== path || e.type === 'file' || e.type === 'submit' || e.disabled) return;
      if ((e.type === 'radio' || e.type === 'checkbox') && !e.checked) return;
      if (e.multiple && e.options) { each(e, 'option', function (o) { if (o.selected) out.push([e.name, o.value]); }); return; }
      out.push([e.name, e.value]);
    });
    return out;
  }
  function copyWrite() {
    if (!store) return;
    try {
      if (Object.keys(waiting).length) store.setItem(copyKey, JSON.stringify(waiting));
      else store.removeItem(copyKey);
    } catch (e) { /* full or refused: the page itself still holds the values */ }
  }
  function save(path) {
    if (!form || gone || !path || path === 'csrf') return;
    clearTimeout(timers[path]);
    waiting[path] = pairsOf(path);
    copyWrite();
    flush();
  }
  function flush() {
    var path = Object.keys(waiting)[0], pairs = waiting[path];
    if (sending || !path || gone || leaving) return;         /* the page that leaves has all of it: a save behind it would change the draft under it */
    sending = true;
    state('saving');
    var body = new URLSearchParams();
    body.append('path', path);
    pairs.forEach(function (p) { body.append(p[0], p[1]); });
    if (token(form)) body.append('csrf', token(form));
    fetch(form.getAttribute('data-save'), { method: 'POST', body: body, credentials: 'same-origin', headers: { 'X-Requested-With': 'fetch' } }).then(function (r) {
      sending = false;
      if (r.ok || r.status === 422) {
        if (waiting[path] === pairs) delete waiting[path];
        copyWrite();
        state('saved');
        if (r.status !== 204) r.json().then(answered).catch(function () { /* no JSON: nothing to add */ });
        flush();
      } else if (r.status === 401 || r.status === 404 || r.status === 410) {
        gone = true;
        state('gone');
      } else throw new Error(String(r.status));
    }).catch(function () {
      sending = false;
      state('kept');
      setTimeout(flush, 15000);
    });
  }
  /* A fault; or what the server alone decides, now that an answer changed: questions shown, results. */
  function answered(what) {
    if (what && what.fault) state('fault', what.fault);
    var shown = what && what.shown || {}, values = what && what.values || {};
    each(document, '[data-live]', function (e) {
      var path = e.getAttribute('data-live');
      if (path in shown) e.hidden = !shown[path];
    });
    each(document, '[data-computed]', function (e) {
      var path = e.getAttribute('data-computed');
      if (path in values && e.textContent !== values[path]) e.textContent = values[path];
    });
    conditions();
  }
  /* The copy of a page that was sent: the server has it, unless the same form comes back. */
  function forget() {
    if (store) Object.keys(store).forEach(function (k) {
      if (!/^beffroi:.*:sent$/.test(k)) return;
      store.removeItem(k);
      if (k !== copyKey + ':sent') store.removeItem(k.slice(0, -5));
    });
  }
  function restore() {
    var kept = null;
    try { kept = store && JSON.parse(store.getItem(copyKey)); } catch (e) { kept = null; }
    if (!kept) return;
    Object.keys(kept).forEach(function (path) {
      kept[path].forEach(function (p) {
        Array.prototype.forEach.call(form.elements, function (e) {
          if (e.name !== p[0] || e.type === 'file') return;
          if (e.type === 'radio' || e.type === 'checkbox') e.checked = e.value === p[1] || e.checked && e.type === 'checkbox';
          else if (e.type !== 'hidden' || base(e.name) !== e.name) e.value = p[1];
        });
      });
    });
    waiting = kept;
    flush();
  }

  /* ---- fields shown under a condition ---- */
  function valueOf(path) {
    var found = [], seen = false, parts = ['.y', '.m', '.d'].map(function (p) { return named(path + p)[0]; });
    if (parts[0] && parts[2] && !parts[0].closest('[hidden]'))
      return parts.every(function (p) { return /^\d+$/.test(p.value.trim()); }) ? [parts.map(function (p) { return ('0' + p.value.trim()).slice(p === parts[0] ? -4 : -2); }).join('-')] : null;
    named(path).forEach( function (e) {
      if (e.closest('[hidden]')) return;
      seen = true;
      if (e.type === 'checkbox') { if (e.checked) found.push(e.value); else if (e.value === 'on') found.push(''); }
      else if (e.type === 'radio') { if (e.checked) found.push(e.value); }
      else if (e.multiple && e.options) { each(e, 'option', function (o) { if (o.selected) found.push(o.value); }); }
      else if (e.value.trim() !== '') found.push(e.value.trim());
    });
    return seen && found.length ? found : null;
  }
  function named(name) { return Array.prototype.slice.call(document.getElementsByName(name)); }
  function yes(v) { return v === 'on' || v === 'oui' || v === 'true' || v === '1'; }
  function number(s) { var n = parseFloat(String(s).replace(/[\s\u00a0\u202f]/g, '').replace(',', '.')); return isNaN(n) ? null : n; }
  /* true, false, or null when the source is not filled: as the server, a comparison with nothing holds neither way. */
  function holds(c) {
    var i, got, all = c.op === 'all', none = c.op === 'none', unknown = false;
    if (c.op === 'const') return c.value;
    if (all || none || c.op === 'any') {
      for (i = 0; i < c.children.length; i++) {
        got = holds(c.children[i]);
        if (got === null) unknown = true;
        else if (got !== all) return !all !== none;
      }
      return unknown ? null : all || none;
    }
    var values = valueOf(c.path), other = c.other ? valueOf(c.other) : null;
    if (c.op === 'known' || c.op === 'unknown') return !!values === (c.op === 'known');
    if (c.other) {
      if (!other || !values) return null;
      var isDate = /^\d{4}-\d\d/.test(other[0]);
      c = { op: c.op, value: isDate || number(other[0]) === null ? other[0] : number(other[0]) };
    }
    if (c.op === 'true') return values ? values.some(yes) : null;
    if (!values) return null;
    if (c.op === '=' || c.op === '!=') {
      got = values.some(function (v) {
        if (typeof c.value === 'number') return number(v) === c.value;
        if (typeof c.value === 'boolean') return yes(v) === c.value;
        return v === c.value;
      });
      return c.op === '=' ? got : !got;
    }
    var a = typeof c.value === 'number' ? number(values[0]) : values[0], b = c.value;
    if (a === null || a === undefined) return null;
    return c.op === '<' ? a < b : c.op === '<=' ? a <= b : c.op === '>' ? a > b : a >= b;
  }
  function conditions() {
    for (var pass = 0, changed = true; changed && pass < 10; pass++) {
      changed = false;
      each(document, '[data-when]', function (e) {
        var c;
        try { c = JSON.parse(e.getAttribute('data-when')); } catch (x) { return; }
        var hide = holds(c) !== true;
        if (hide !== e.hidden) { e.hidden = hide; changed = true; }
      });
    }
    named('_seen').forEach(function (e) { e.disabled = !!e.closest('[hidden]'); });
    each(document, 'select ~ .choice-other', function (e) { e.hidden = e.parentNode.querySelector('select').value !== '_other'; });
  }

  /* ---- a part of the page replaced by what the server answers ---- */
  function take(html, id) { return new DOMParser().parseFromString(html, 'text/html').getElementById(id); }
  function swap(button, keep) {
    var f = button.form, id = button.getAttribute('data-swap'), data = new FormData(f), body = new URLSearchParams();
    data.forEach(function (v, k) { if (typeof v === 'string') body.append(k, v); });
    body.append(button.name, button.value);
    if (f.enctype === 'multipart/form-data') { var whole = new FormData(); body.forEach(function (v, k) { whole.append(k, v); }); body = whole; }
    button.disabled = true;
    fetch(f.action, { method: 'POST', body: body, credentials: 'same-origin', headers: { 'X-Requested-With': 'fetch' } }).then(function (r) {
      return r.ok || r.status === 422 ? r.text() : Promise.reject(new Error(String(r.status)));
    }).then(function (html) {
      var fresh = take(html, id), old = document.getElementById(id), rows = old.querySelectorAll('.row').length;
      if (!fresh) throw new Error('no part');
      old.parentNode.replaceChild(fresh, old);
      start(fresh);
      var now = fresh.querySelectorAll('.row'), wanted = keep ? document.getElementById(keep) : fresh.querySelector('[autofocus]'), to = wanted || (now.length > rows ? now[now.length - 1].querySelector('input:not([type="hidden"]), select, textarea') : fresh.querySelector(':scope > button')) || fresh;
      if (to) to.focus();
    }).catch(function () {
      button.disabled = false;
      leaving = true;
      f.appendChild(el('input', { type: 'hidden', name: button.name, value: button.value }));
      f.submit();
    });
  }

  /* ---- suggestions: combobox with a list (ARIA 1.2) ---- */
  function combo(input) {
    var list = el('ul', { role: 'listbox', id: input.id + '-list', hidden: '' }), box = el('div', { 'class': 'combo' });
    var id = input.form && input.form.elements[input.name + ':id'], items = [], at = -1, timer, asked = 0;
    var label = document.querySelector('label[for="' + input.id.replace(/["\\]/g, '\\$&') + '"]');
    if (label) list.setAttribute('aria-label', label.textContent);
    input.parentNode.insertBefore(box, input);
    box.appendChild(input);
    box.appendChild(list);
    input.removeAttribute('list');
    [['role', 'combobox'], ['aria-autocomplete', 'list'], ['aria-expanded', 'false'], ['aria-controls', list.id], ['autocomplete', 'off']].forEach(function (a) { input.setAttribute(a[0], a[1]); });

    function close() { list.hidden = true; at = -1; input.setAttribute('aria-expanded', 'false'); input.removeAttribute('aria-activedescendant'); }
    function mark(n) {
      at = n;
      Array.prototype.forEach.call(list.children, function (li, i) { li.setAttribute('aria-selected', i === n ? 'true' : 'false'); if (i === n && li.scrollIntoView) li.scrollIntoView({ block: 'nearest' }); });
      if (n >= 0) input.setAttribute('aria-activedescendant', list.children[n].id); else input.removeAttribute('aria-activedescendant');
    }
    /* Several may be chosen: the entry joins the ticked boxes above. */
    function tick(item) {
      var boxes = input.closest('fieldset').querySelector('.choices'), line = el('div', { 'class': 'choice' }), one = input.id + '-' + item.id;
      if (!boxes.querySelector('input[value="' + item.id.replace(/["\\]/g, '\\$&') + '"]')) {
        line.appendChild(el('input', { type: 'checkbox', id: one, name: input.name, value: item.id, checked: '' }));
        line.appendChild(el('label', { 'for': one }, item.label));
        boxes.appendChild(line);
      }
      input.value = '';
    }
    function choose(n) {
      if (id) { input.value = items[n].label; id.value = items[n].id; }
      else if (input.closest('fieldset.field')) tick(items[n]);
      else input.value = items[n].label;
      close();
      input.dispatchEvent(new CustomEvent('beffroi:chosen', { bubbles: true, detail: items[n] }));
      save(base(input.name));
      conditions();
    }
    function show(found) {
      items = found;
      list.textContent = '';
      found.forEach(function (item, i) {
        var li = el('li', { role: 'option', id: list.id + '-' + i, 'aria-selected': 'false' }, item.label);
        if (item.hint) li.appendChild(el('span', { 'class': 'hint' }, item.hint));
        li.addEventListener('mousedown', function (e) { e.preventDefault(); choose(i); });
        list.appendChild(li);
      });
      list.hidden = !found.length;
      input.setAttribute('aria-expanded', found.length ? 'true' : 'false');
      at = -1;
      live(found.length ? word('found', found.length) : word('none'));
    }
    function ask() {
      var q = input.value.trim(), url = input.getAttribute('data-suggest'), mine = ++asked;
      if (q.length < 2) { close(); return; }
      fetch(url + (url.indexOf('?') < 0 ? '?' : '&') + 'q=' + encodeURIComponent(q), { credentials: 'same-origin' }).then(function (r) { return r.ok ? r.json() : []; })
        .then(function (found) { if (mine === asked && document.activeElement === input) show(found); }).catch(function () { close(); });
    }
    input.addEventListener('input', function () { if (id) id.value = ''; clearTimeout(timer); timer = setTimeout(ask, 180); });
    input.addEventListener('blur', function () { asked++; close(); });
    input.addEventListener('keydown', function (e) {
      if (list.hidden) { if (e.key === 'ArrowDown') { ask(); e.preventDefault(); } return; }
      if (e.key === 'ArrowDown' || e.key === 'ArrowUp') { mark((at + (e.key === 'ArrowDown' ? 1 : -1) + (at < 0 && e.key === 'ArrowUp' ? 1 : 0) + items.length) % items.length); e.preventDefault(); }
      else if (e.key === 'Enter' && at >= 0) { choose(at); e.preventDefault(); }
      else if (e.key === 'Escape') { close(); e.preventDefault(); }
      else if (e.key === 'Tab' && at >= 0) choose(at);
    });
  }

  /* ---- a long list of boxes: a line to look in it ---- */
  function plain(s) { return s.normalize('NFD').replace(/[\u0300-\u036f]/g, '').toLowerCase(); }
  function filter(list) {
    var input = el('input', { type: 'search', 'aria-label': word('filter'), placeholder: word('filter') });
    list.parentNode.insertBefore(input, list);
    input.addEventListener('input', function (e) {
      var q = plain(input.value.trim());
      e.stopPropagation();
      each(list, '.choice', function (c) { c.hidden = q && plain(c.textContent).indexOf(q) < 0 && !c.querySelector('input').checked; });
    });
  }

  /* ---- how many characters are left ---- */
  function counter(area) {
    var max = area.maxLength, box = el('p', { 'class': 'count', 'aria-hidden': 'true' });
    if (max < 1 || max > 100000) return;
    area.parentNode.insertBefore(box, area.nextSibling);
    function count() { box.textContent = word('left', max - area.value.length); if (max - area.value.length <= 20) live(box.textContent); }
    area.addEventListener('input', count);
    count();
  }

  /* ---- files: photos made smaller, sent in pieces, resumed (tus 1.0) ---- */
  var PIECE = 4 * 1024 * 1024;

  function shrink(file, most) {
    return new Promise(function (done) {
      var can = /^image\/(jpeg|png|webp)$/.test(file.type) && file.size > 300000 && window.CSS && CSS.supports && CSS.supports('image-orientation', 'from-image');
      if (!most || !can) { done(file); return; }
      var img = new Image(), url = URL.createObjectURL(file);
      img.onload = function () {
        var k = Math.min(1, most / Math.max(img.naturalWidth, img.naturalHeight)), c = document.createElement('canvas');
        URL.revokeObjectURL(url);
        c.width = Math.round(img.naturalWidth * k);
        c.height = Math.round(img.naturalHeight * k);
        c.getContext('2d').drawImage(img, 0, 0, c.width, c.height);
        c.toBlob(function (blob) {
          if (!blob || blob.size >= file.size) { done(file); return; }
          blob.name = file.name.replace(/\.\w+$/, '') + '.jpg';
          done(blob);
        }, 'image/jpeg', 0.85);
      };
      img.onerror = function () { URL.revokeObjectURL(url); done(file); };
      img.src = url;
    });
  }
  function b64(s) { return btoa(unescape(encodeURIComponent(s))); }
  var refused = null;                   /* what the server said of the last document it did not take */
  function said(x) { try { var p = JSON.parse(x.responseText); return p.code === 'invalid' || p.code === 'busy' ? p : null; } catch (e) { return null; } }
  function call(method, url, headers, body, progress) {
    return new Promise(function (done, fail) {
      var x = new XMLHttpRequest(), t = token(form || document);
      x.open(method, url);
      x.setRequestHeader('Tus-Resumable', '1.0.0');
      x.setRequestHeader('X-Requested-With', 'fetch');
      if (t) x.setRequestHeader('X-CSRF-Token', t);
      Object.keys(headers).forEach(function (k) { x.setRequestHeader(k, headers[k]); });
      x.onload = function () { if (x.status < 300) done(x); else { refused = said(x) || (method === 'HEAD' && x.status === 503 ? refused : null); fail(x.status); } };
      x.onerror = x.ontimeout = x.onabort = function () { fail(0); };
      if (progress) { x.upload.onprogress = progress; progress.x = x; }
      x.send(body || null);
    });
  }
  function remember(key, url) { try { if (url) sessionStorage.setItem(key, url); else sessionStorage.removeItem(key); } catch (e) { /* private mode */ } }
  function remembered(key) { try { return sessionStorage.getItem(key); } catch (e) { return null; } }

  function upload(box, input, file) {
    var line = el('li', {}, file.name + ' '), size = el('span', { 'class': 'size' }, '0 %'), bar = el('progress', { max: '100', value: '0', 'aria-label': file.name });
    var stop = el('button', { type: 'button', 'class': 'link' }, word('cancel')), stopped = false, tries = 0;
    var list = box.querySelector('.file-list') || box.insertBefore(el('ul', { 'class': 'file-list' }), input);
    var key = 'tus:' + [box.getAttribute('data-tus'), file.name, file.size, file.lastModified].join('|'), current = null;
    [size, stop, bar].forEach(function (e) { line.appendChild(e); });
    list.appendChild(line);
    live(word('sending', file.name));
    stop.addEventListener('click', function () { stopped = true; remember(key, ''); if (current && current.x) current.x.abort(); line.parentNode.removeChild(line); input.focus(); });

    function show(sent, blob) { var p = blob.size ? Math.floor(sent * 100 / blob.size) : 100; bar.value = p; size.textContent = p + ' %'; }
    /* This server takes no pieces: the file goes with the page, as without the script. */
    function withForm() {
      try {
        var all = new DataTransfer();
        Array.prototype.forEach.call(input.files, function (f) { all.items.add(f); });
        all.items.add(file);
        input.files = all.files;
        line.parentNode.removeChild(line);
      } catch (e) { failed('failed'); }
    }
    function again(blob, url, status) {
      if (stopped) return;
      if (!url && (status === 404 || status === 405 || status === 501)) { withForm(); return; }
      if (status === 413) { failed('large'); return; }
      if (status >= 400 && status < 500 && status !== 404 && status !== 409 && status !== 410 && status !== 429 && status !== 423) { failed('failed'); return; }
      size.textContent = refused && refused.code === 'busy' ? refused.title : word('paused');
      setTimeout(function () {
        if (stopped) return;
        if (!url || status === 404 || status === 410) { create(blob); return; }
        call('HEAD', url, {}).then(function (x) { piece(blob, url, +x.getResponseHeader('Upload-Offset')); }, function (s) { again(blob, url, s); });
      }, Math.min(30000, 1000 * Math.pow(2, tries++)));
    }
    function failed(why) { line.textContent = why === 'failed' && refused ? file.name + ' : ' + refused.title + (refused.at && refused.at !== file.name ? ' ' + refused.at + '.' : '') : word(why, file.name); line.className = 'error'; live(line.textContent); remember(key, ''); }
    function piece(blob, url, from) {
      if (stopped) return;
      if (from >= blob.size) { finished(); return; }
      var end = Math.min(blob.size, from + PIECE);
      current = function (e) { show(from + e.loaded, blob); };
      call('PATCH', url, { 'Upload-Offset': from, 'Content-Type': 'application/offset+octet-stream' }, blob.slice(from, end), current).then(function (x) {
        tries = 0;
        piece(blob, url, +(x.getResponseHeader('Upload-Offset') || end));
      }, function (s) { again(blob, url, s); });
    }
    function create(blob) {
      var meta = 'filename ' + b64(blob.name || file.name) + ',filetype ' + b64(blob.type || 'application/octet-stream') + ',path ' + b64(base(input.name));
      call('POST', box.getAttribute('data-tus'), { 'Upload-Length': blob.size, 'Upload-Metadata': meta }).then(function (x) {
        var url = x.getResponseHeader('Location');
        remember(key, url);
        piece(blob, url, 0);
      }, function (s) { again(blob, null, s); });
    }
    function finished() {
      remember(key, '');
      show(1, { size: 1 });
      live(word('sent', file.name));
      fetch(location.href, { credentials: 'same-origin', cache: 'no-store' }).then(function (r) { return r.text(); }).then(function (html) {
        var fresh = take(html, box.id), listNow = fresh && fresh.querySelector('.file-list');
        line.parentNode.removeChild(line);
        if (!listNow) return;
        each(list, 'li[data-file]', function (li) { li.parentNode.removeChild(li); });
        Array.prototype.slice.call(listNow.children).reverse().forEach(function (li) { list.insertBefore(li, list.firstChild); });
      });
    }
    shrink(file, +box.getAttribute('data-shrink') || 0).then(function (blob) {
      var url = remembered(key);
      if (url) call('HEAD', url, {}).then(function (x) { piece(blob, url, +x.getResponseHeader('Upload-Offset')); }, function () { create(blob); });
      else create(blob);
    });
  }
  function files(box) {
    var input = box.querySelector('input[type="file"]'), many = +box.getAttribute('data-many') || 1;
    if (!input || !window.FormData || !HTMLCanvasElement.prototype.toBlob) return;
    input.addEventListener('change', function () {
      var chosen = Array.prototype.slice.call(input.files, 0, many);
      input.value = '';
      chosen.forEach(function (f) { upload(box, input, f); });
    });
    ['dragover', 'dragenter'].forEach(function (t) { box.addEventListener(t, function () { box.classList.add('over-drop'); }); });
    ['dragleave', 'drop'].forEach(function (t) { box.addEventListener(t, function () { box.classList.remove('over-drop'); }); });
  }

  /* ---- start ---- */
  function start(root) {
    each(root, 'input[data-suggest]', combo);
    each(root, 'textarea[maxlength]', counter);
    each(root, '.choices[data-filter]', filter);
    each(root, '.files[data-tus]', files);
    each(root, 'button[data-print]', function (b) { b.hidden = false; b.addEventListener('click', function () { window.print(); }); });
    if (root.matches && root.matches('.files[data-tus]')) files(root);
    each(root, '[data-again]', function (e) { var b = document.getElementById(e.getAttribute('data-again')); if (b) b.hidden = true; });
    conditions();
  }
  document.addEventListener('change', function (e) {
    if (form && e.target.form === form && e.target.name && e.target.type !== 'file') save(base(e.target.name));
    conditions();
    var again = e.target.getAttribute('data-again'), id = e.target.id;
    if (!again) return;
    clearTimeout(timers[again]);
    timers[again] = setTimeout(function () { var b = document.getElementById(again); if (b) swap(b, id); }, 300);
  });
  document.addEventListener('input', function (e) {
    var t = e.target, path = t.name && base(t.name);
    if (form && t.form === form && path && t.type !== 'file') { clearTimeout(timers[path]); timers[path] = setTimeout(function () { save(path); }, 2000); }
    conditions();
  });
  document.addEventListener('click', function (e) {
    var b = e.target.closest && e.target.closest('button');
    if (!b) return;
    if (b.hasAttribute('data-swap') && b.form && window.DOMParser && window.URLSearchParams) { e.preventDefault(); swap(b); }
    if (b.hasAttribute('data-quit')) {
      gone = leaving = true;
      try { Object.keys(localStorage).concat(Object.keys(sessionStorage)).forEach(function (k) { if (/^(beffroi|tus):/.test(k)) { localStorage.removeItem(k); sessionStorage.removeItem(k); } }); } catch (x) { /* nothing was kept */ }
    }
  });
  document.addEventListener('submit', function (e) {
    var f = e.target;
    if (f.getAttribute('method') && f.method === 'post') {
      if (f.getAttribute('data-gone')) { e.preventDefault(); return; }       /* pressed twice */
      f.setAttribute('data-gone', '1');
      setTimeout(function () { f.removeAttribute('data-gone'); }, 8000);
    }
    leaving = true;
    if (f === form && store && store.getItem(copyKey)) store.setItem(copyKey + ':sent', '1');
  });
  window.addEventListener('pageshow', function () { leaving = false; each(document, 'form[data-gone]', function (f) { f.removeAttribute('data-gone'); }); });
  window.addEventListener('online', flush);
  window.addEventListener('beforeunload', function (e) {
    var uploads = document.querySelector('.file-list progress');
    if (leaving || (!uploads && !(form && Object.keys(waiting).length))) return;
    e.preventDefault();
    e.returnValue = '';
  });
  /* ---- a town's two colours on their sample, and whether they are read on paper (WCAG 2.2 §1.4.3) ---- */
  function light(hex) {
    var c = [1, 3, 5].map(function (i) { var x = parseInt(hex.substr(i, 2), 16) / 255; return x <= 0.04045 ? x / 12.92 : Math.pow((x + 0.055) / 1.055, 2.4); });
    return 0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2];
  }
  function colors() {
    var sample = document.getElementById('couleurs'), pale = false, night = window.matchMedia && matchMedia('(prefers-color-scheme: dark)').matches;
    if (!sample) return;
    each(document, 'input[type="color"]', function (i) {
      if (!night) sample.style.setProperty(i.name === 'action' ? '--blue' : '--accent', i.value);
      pale = pale || (light('#fbf7ef') + 0.05) / (light(i.value) + 0.05) < (i.name === 'action' ? 4.5 : 3);
    });
    sample.querySelector('.color-said').textContent = sample.getAttribute(pale ? 'data-pale' : 'data-good');
  }
  document.addEventListener('input', function (e) { if (e.target.type === 'color') colors(); });
  colors();
  var faults = document.getElementById('faults');
  if (faults) faults.focus();
  start(document);
  forget();
  if (form) restore();
})();
