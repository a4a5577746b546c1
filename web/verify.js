/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* A file is compared with the letter where it is: it is not sent. Without this file, or where the browser cannot hash, the form sends it. */
(function () {
  'use strict';
  var box = document.querySelector('[data-sha256]'), form = box && box.querySelector('form'), input = form && form.querySelector('input[type=file]');
  if (!input || !window.crypto || !window.crypto.subtle || !window.FileReader) return;
  function one(selector) { return box.querySelector(selector); }
  function show(result) {
    ['same', 'altered'].forEach(function (r) { one('[data-result=' + r + ']').hidden = r !== result; });
  }
  function compare() {
    var file = input.files && input.files[0], reader = new FileReader();
    show('');
    if (!file) return;
    reader.onload = function () {
      window.crypto.subtle.digest('SHA-256', reader.result).then(function (hash) {
        var hex = Array.prototype.map.call(new Uint8Array(hash), function (b) { return ('0' + b.toString(16)).slice(-2); }).join('');
        show(hex === box.getAttribute('data-sha256') ? 'same' : 'altered');
      });
    };
    reader.readAsArrayBuffer(file);
  }
  one('[data-here]').hidden = false;
  one('[data-there]').hidden = true;
  one('button[type=submit]').parentNode.hidden = true;
  input.addEventListener('change', compare);
  form.addEventListener('submit', function (e) { if (input.files && input.files.length) { e.preventDefault(); compare(); } });
})();
