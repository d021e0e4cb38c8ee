// Package views draws every page and says every sentence, from models that it is given and nothing else.
//
// A page is a templ component; [Layout] puts it between the landmarks of its audience, the parts in this package (a
// [Button], a [Field], a [Notice] …) make it look like its neighbours, and [Words] gives it its language. Each audience's
// pages lie in a folder of their own. DESIGN.md, beside this file, shows the look and the voice.
//
// What stays true: a page shows exactly the fields of its model; no page carries a script or a style of its own, so that
// the strictest Content-Security-Policy holds; and no language is loaded in which a refusal would go without a sentence.
package views
