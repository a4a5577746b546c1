/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Letters and rules as they are written: a name goes where the caret is, a line to check is one click away, what the server says of it
   follows what is typed. Without this file: names are typed by hand, and a button asks the server. JavaScript of 2018. */
(function () {
  'use strict';
  var button = document.querySelector('button[data-live]'), form = button && button.form;
  if (!form || !window.fetch || !window.DOMParser || !window.URLSearchParams) return;
  var ids = button.getAttribute('data-live').split(' '), timer, asked = 0;

  function refresh() {
    var body = new URLSearchParams(), mine = ++asked;
    new FormData(form).forEach(function (v, k) { body.append(k, v); });
    body.append(button.name, button.value);
    fetch(form.action, { method: 'POST', body: body, credentials: 'same-origin', headers: { 'X-Requested-With': 'fetch' } })
      .then(function (r) { return r.ok || r.status === 422 ? r.text() : Promise.reject(new Error(String(r.status))); })
      .then(function (html) {
        if (mine !== asked) return;
        var page = new DOMParser().parseFromString(html, 'text/html');
        ids.forEach(function (id) {
          var fresh = page.getElementById(id), old = document.getElementById(id);
          if (!fresh || !old || fresh.innerHTML === old.innerHTML) return;
          if (old.hasAttribute('aria-live')) old.innerHTML = fresh.innerHTML;       /* it stays, so that it is read out */
          else old.parentNode.replaceChild(document.importNode(fresh, true), old);
        });
      }).catch(function () { /* the button remains */ });
  }
  function later() { clearTimeout(timer); timer = setTimeout(refresh, 600); }

  function insert(area, words) {
    var from = area.selectionStart, to = area.selectionEnd;
    area.focus();
    area.setRangeText ? area.setRangeText(words, from, to, 'end') : area.value += words;
    later();
  }
  Array.prototype.forEach.call(form.querySelectorAll('code[data-insert]'), function (code) {
    var b = document.createElement('button'), area = document.getElementById(code.getAttribute('data-insert'));
    b.type = 'button';
    b.className = 'link';
    code.parentNode.insertBefore(b, code);
    b.appendChild(code);
    b.addEventListener('click', function () { insert(area, code.textContent); });
  });
  form.addEventListener('click', function (e) {
    var link = e.target.closest ? e.target.closest('a[data-line]') : null, area = link && document.getElementById(link.hash.slice(1));
    if (!area) return;
    e.preventDefault();
    var lines = area.value.split('\n'), n = +link.getAttribute('data-line') - 1, from = lines.slice(0, n).join('\n').length + (n ? 1 : 0);
    area.focus();
    area.setSelectionRange(from, from + (lines[n] || '').length);
  });
  form.addEventListener('input', later);
  button.addEventListener('click', function (e) {
    e.preventDefault();
    refresh();
    document.getElementById(ids[0]).scrollIntoView();
  });
})();
