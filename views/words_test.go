package views

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/kaopass/kaopass"
)

func TestEveryRefusalAndHintHasASentence(t *testing.T) {
	if err := Check(); err != nil {
		t.Fatal(err)
	}
	for _, lang := range kaopass.Languages() {
		w := Speak(lang)
		for _, r := range kaopass.Reasons() {
			if s := w.Reason(r); s == "" || strings.HasPrefix(s, "reason.") {
				t.Errorf("%s: %s is %q", lang, r, s)
			}
		}
		for _, h := range kaopass.Hints() {
			if s := w.Hint(h); s == "" || strings.HasPrefix(s, "hint.") {
				t.Errorf("%s: %s is %q", lang, h, s)
			}
		}
	}
}

// A hint is read while holding a phone still, a gate's sentence while walking.
func TestSentencesAreShort(t *testing.T) {
	for lang, most := range map[kaopass.Language]int{kaopass.English: 90, kaopass.Japanese: 50, kaopass.Chinese: 40, kaopass.Korean: 55} {
		w := Speak(lang)
		for _, r := range kaopass.Reasons() {
			if n := len([]rune(w.Reason(r))); n > most {
				t.Errorf("%s: %s has %d characters, most are %d", lang, r, n, most)
			}
		}
		for _, h := range kaopass.Hints() {
			if n := len([]rune(w.Hint(h))); n > most/2 {
				t.Errorf("%s: hint %s has %d characters, most are %d", lang, h, n, most/2)
			}
		}
	}
}

func TestNobodyIsBlamed(t *testing.T) {
	bad := []string{"invalid", "fail", "fraud", "biometric", "authenticat", "template", "wrong", "illegal", "denied", "error",
		"不正", "失敗", "エラー", "無効", "生体", "認証", "错误", "失败", "无效", "생체", "실패", "오류", "인증"}
	for lang, keys := range catalogue().keys {
		w := Speak(lang)
		for key := range keys {
			if strings.HasPrefix(key, "console.") || strings.HasPrefix(key, "api.") {
				continue
			}
			for _, word := range bad {
				if strings.Contains(strings.ToLower(w.T(key)), word) {
					t.Errorf("%s %s says %q: %s", lang, key, word, w.T(key))
				}
			}
		}
	}
}

func TestLoadRefusesACatalogueWithHoles(t *testing.T) {
	whole := func() fstest.MapFS {
		files := fstest.MapFS{}
		for _, lang := range kaopass.Languages() {
			name := string(lang) + ".json"
			body, err := wordFiles.ReadFile("words/" + name)
			if err != nil {
				t.Fatal(err)
			}
			files[name] = &fstest.MapFile{Data: body}
		}
		return files
	}
	for name, test := range map[string]struct{ file, old, new, want string }{
		"a reason":         {"ko.json", `"face_none"`, `"face_nobody"`, "words in ko: no sentence for reason.face_none"},
		"a hint":           {"zh-Hans.json", `"closer"`, `"nearer"`, "words in zh-Hans: no sentence for hint.closer"},
		"a page's key":     {"ja.json", `"skip"`, `"jump"`, "words in ja: no sentence for common.skip"},
		"the same, in en":  {"ja.json", `"skip"`, `"jump"`, "words in en: no sentence for common.jump"},
		"a gate's word":    {"ko.json", `"staff"`, `"guard"`, "words in ko: no sentence for gate.say.staff"},
		"an empty one":     {"ja.json", `"カメラを見てください"`, `""`, "words in ja: no sentence for hint.look"},
		"not JSON":         {"ja.json", `{`, ``, "words in ja.json"},
		"a whole language": {"ko.json", "", "", "words in ko.json"},
	} {
		files := whole()
		if test.old == "" {
			delete(files, test.file)
		} else {
			files[test.file].Data = []byte(strings.Replace(string(files[test.file].Data), test.old, test.new, 1))
		}
		if err := load(files).err; err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
}

func TestNumbersMoneyAndTimes(t *testing.T) {
	at := time.Date(2026, 11, 21, 23, 5, 0, 0, time.UTC)
	for lang, want := range map[kaopass.Language][3]string{
		kaopass.Japanese: {"12,800円", "−500円", "2026年11月22日（日） 08:05"},
		kaopass.English:  {"¥12,800", "−¥500", "Sun 22 Nov 2026 08:05"},
		kaopass.Chinese:  {"12,800日元", "−500日元", "2026年11月22日 周日 08:05"},
		kaopass.Korean:   {"12,800엔", "−500엔", "2026년 11월 22일 (일) 08:05"},
	} {
		w := Speak(lang)
		if got := [3]string{w.Yen(kaopass.Yen(12800)), w.Yen(kaopass.Yen(-500)), w.DateTime(at)}; got != want {
			t.Errorf("%s: %v, want %v", lang, got, want)
		}
	}
	if got := Speak(kaopass.English).In(time.UTC).Time(at); got != "23:05" {
		t.Errorf("on another clock %s", got)
	}
	if got := Machine(at); got != "2026-11-21T23:05:00Z" {
		t.Error(got)
	}
}

func TestPluralsAndParts(t *testing.T) {
	en := Speak(kaopass.English)
	for _, test := range [][2]string{
		{en.N("common.skip", 1), en.T("common.skip")},
		{en.With("common.steps", Args{"Now": "2", "Of": "4"}), "2 of 4"},
		{en.T("common.nothing"), "common.nothing"},
		{Speak(kaopass.Chinese).T("console.board"), en.T("console.board")},
		{Speak("fr").T("common.skip"), en.T("common.skip")},
		{en.Reason(""), ""}, {en.Hint(""), ""},
	} {
		if test[0] != test[1] {
			t.Errorf("%q, want %q", test[0], test[1])
		}
	}
}

func TestStretchedIsLongerAndMarked(t *testing.T) {
	plain, long := Speak(kaopass.English).T("common.skip"), Speak(kaopass.English).Stretched().T("common.skip")
	if !strings.HasPrefix(long, "⟦") || len([]rune(long)) < len([]rune(plain))*5/4 {
		t.Errorf("%q from %q", long, plain)
	}
}
