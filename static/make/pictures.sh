#!/bin/sh
# pictures draws the PNGs that cannot be SVG: the touch icon, the install icon, the social preview. Needs Chromium and a
# Japanese font; the results are committed, nothing of this runs in a build.
#
#   sh static/make/pictures.sh
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

sign=$(sed -n 's/.*id="mark".* d="\([^"]*\)".*/\1/p' "$here/mark.svg")
word=$(sed -n 's/.*id="word"[^>]*>\(.*\)<\/symbol>.*/\1/p' "$here/mark.svg")
idea=$(sed -n '/<svg class="idea"/,/<\/svg>/p' "$here/../../views/idea.templ" | sed 's/aria-label={[^}]*}//')

shot() { # name width height
	"${CHROMIUM:-chromium}" --headless --no-sandbox --disable-gpu --hide-scrollbars --force-device-scale-factor=1 \
		--window-size="$2,$3" --screenshot="$1" "file://$work/page.html" >/dev/null 2>&1
}

icon() { # name size share of the sign in percent
	cat >"$work/page.html" <<-HTML
		<style>html{background:#1f2f98}body{margin:0;display:grid;place-items:center;height:100vh}svg{width:$3vw;fill:#fff}</style>
		<svg viewBox="0 0 32 32"><path fill-rule="evenodd" d="$sign"/></svg>
	HTML
	shot "$1" "$2" "$2"
}

icon "$here/../root/apple-touch-icon.png" 180 66
icon "$here/../root/icon-512.png" 512 58

cat >"$work/page.html" <<-HTML
	<meta charset="utf-8">
	<link rel="stylesheet" href="file://$here/../css/tokens.css"><link rel="stylesheet" href="file://$here/../css/components.css">
	<style>
	:root{color-scheme:light}body{margin:0;padding:64px 72px;width:1200px;height:630px;box-sizing:border-box;background:#fff;color:var(--ink);font-family:"Noto Sans CJK JP",sans-serif;display:grid;grid-template-columns:1fr 500px;gap:56px;align-content:space-between}
	.name{grid-column:1/3;display:flex;gap:22px;align-items:center}.name svg{height:72px}
	h1{font-size:52px;line-height:1.35;margin:0;word-break:keep-all}p{font-size:30px;color:var(--ink-2);margin:20px 0 0}
	.idea{align-self:center}.bar{grid-column:1/3;height:14px;background:var(--accent);border-radius:7px}
	</style>
	<div class="name"><svg viewBox="0 0 32 32" fill="#1f2f98"><path fill-rule="evenodd" d="$sign"/></svg><svg viewBox="0 0 153 32" fill="#10131f">$word</svg></div>
	<div><h1>顔を見せるだけで、<br>入場もお支払いも</h1><p>Walk in and pay with your face</p></div>
	$idea
	<div class="bar"></div>
HTML
shot "$here/../img/preview.png" 1200 630
ls -l "$here"/../root/*.png "$here"/../img/preview.png
