package consent_test

import (
	"strings"
	"testing"
	"time"

	"github.com/kaopass/kaopass"
	"github.com/kaopass/kaopass/views/consent"
)

var venue = consent.Operator{Name: "Harbour Expo", Contact: "privacy@harbour.example"}

// The hash of a text that somebody signed never changes: an edit without a new version fails here.
func TestTextsStandAsSigned(t *testing.T) {
	lib, err := consent.Load(venue)
	if err != nil {
		t.Fatal(err)
	}
	former := map[string]string{
		"admission/ja": "353f916f9ee293b33b9c1180edd88e70341bc4af70f61c737724f62b821153ea",
		"admission/en": "a216f139fb3c3d45783fc9e6b25b0c39853cf9f9ecd236d0b6546b1077faded2",
		"payment/ja":   "9e983d63844d77d09d9cef16521d522d14e991f27716c660f3571bf40a6db921",
		"payment/en":   "ffe35695d118d28eea72f52ef3fe03baef530d4ba1b3e2405b5dd2aec5865787",
	}
	want := map[string]string{
		"admission/ja": "eeef31d1cd8b4f6ef775c90cafeabdbe804de18bb56592e0c057b62d1c323554",
		"admission/en": "098a5ead22fe4a90d1caf7725c48c3ca3ec1d45781181d870eb1e6f8f142a58f",
		"payment/ja":   "088010eafec2a345c3cd990e331de6002ce7aeffa095cdefec78c98bddee8c7f",
		"payment/en":   "abaf774f5636a9f22169c2a15e5d4c2efe44fb3a1d1a258ab0f4f017cbf9e503",
	}
	for _, purpose := range kaopass.Purposes() {
		for _, language := range []kaopass.Language{kaopass.Japanese, kaopass.English} {
			doc, ok := lib.Text(purpose, language)
			name := string(purpose) + "/" + string(language)
			if !ok || doc.Hash != want[name] || doc.Version != "2026-11.2" {
				t.Errorf("%s: version %s, hash %s: a signed text is not edited; raise the version", name, doc.Version, doc.Hash)
			}
			signed := kaopass.Consent{Purpose: purpose, Language: language, TextVersion: "2026-11", TextHash: former[name], SignedAt: time.Now()}
			if doc, ok := lib.Signed(signed); !ok || doc.Version != "2026-11" || lib.Newer(signed) != (purpose == kaopass.ForPayment) {
				t.Errorf("%s: what was signed in former times cannot be read any more", name)
			}
			if signed.TextVersion = doc.Version; lib.Newer(signed) {
				t.Errorf("%s: there is a text newer than the newest", name)
			}
		}
	}
}

// Only who signed a text that says so has agreed that a template learns.
func TestTheTextThatSaysThatATemplateLearns(t *testing.T) {
	lib, _ := consent.Load(venue)
	for language, says := range map[kaopass.Language]string{kaopass.English: "may be added to yours", kaopass.Japanese: "加えることがあります"} {
		doc, _ := lib.Text(kaopass.ForPayment, language)
		signed := kaopass.Consent{TextVersion: doc.Version, SignedAt: time.Now()}
		if !strings.Contains(doc.Text, says) || !signed.AgreesToGrowth() || kaopass.GrowthSince != consent.Version {
			t.Errorf("%s: version %s", language, doc.Version)
		}
	}
}

func TestTextIsHashedAsShown(t *testing.T) {
	lib, _ := consent.Load(venue)
	doc, _ := lib.Text(kaopass.ForPayment, kaopass.English)
	if doc.Hash != kaopass.TextHash(doc.Text) {
		t.Error("the hash is not of the text")
	}
	if !strings.Contains(doc.Text, "Harbour Expo may find you") || strings.Contains(doc.Text, "{") {
		t.Error("the operator is not named in the text")
	}
	shown := doc.Title
	for _, b := range doc.Blocks {
		shown += b.Heading + b.Paragraph + strings.Join(b.Items, "")
	}
	stripped := strings.NewReplacer("\n", "", "## ", "", "# ", "", "\n- ", "").Replace(doc.Text)
	if len(shown) == 0 || strings.ReplaceAll(stripped, "- ", "") != strings.ReplaceAll(shown, "- ", "") {
		t.Error("something of the text is not drawn")
	}
}

// What the law asks a consent to say, both languages say (APPI articles 21 and 27; GDPR articles 7, 9 and 13).
func TestTextsSayWhatTheLawAsks(t *testing.T) {
	lib, _ := consent.Load(venue)
	for language, asked := range map[kaopass.Language][]string{
		kaopass.English:  {"Harbour Expo", "privacy@harbour.example", "at any time", "same price", "destroyed", "16", "complain", "Article 9", "separate", "not sold"},
		kaopass.Japanese: {"Harbour Expo", "privacy@harbour.example", "いつでも", "同じ", "消します", "16歳", "個人情報保護委員会", "第9条", "別の同意", "売りません"},
	} {
		for _, purpose := range kaopass.Purposes() {
			doc, _ := lib.Text(purpose, language)
			for _, words := range asked {
				if !strings.Contains(doc.Text, words) {
					t.Errorf("%s in %s does not say %q", purpose, language, words)
				}
			}
		}
	}
}

func TestLanguagesHaveTheSameShape(t *testing.T) {
	lib, _ := consent.Load(venue)
	for _, purpose := range kaopass.Purposes() {
		ja, _ := lib.Text(purpose, kaopass.Japanese)
		en, _ := lib.Text(purpose, kaopass.English)
		if len(ja.Blocks) != len(en.Blocks) {
			t.Fatalf("%s: %d blocks in Japanese, %d in English", purpose, len(ja.Blocks), len(en.Blocks))
		}
		for i := range ja.Blocks {
			if len(ja.Blocks[i].Items) != len(en.Blocks[i].Items) || (ja.Blocks[i].Heading == "") != (en.Blocks[i].Heading == "") {
				t.Errorf("%s: block %d differs: %q, %q", purpose, i, ja.Blocks[i], en.Blocks[i])
			}
		}
	}
}

func TestSignedFindsOnlyTheSameText(t *testing.T) {
	lib, _ := consent.Load(venue)
	doc, _ := lib.Text(kaopass.ForAdmission, kaopass.Japanese)
	signed := kaopass.Consent{Purpose: doc.Purpose, Language: doc.Language, TextHash: doc.Hash}
	if _, ok := lib.Signed(signed); !ok {
		t.Error("the text just signed was not found")
	}
	signed.TextHash = kaopass.TextHash("another text")
	if _, ok := lib.Signed(signed); ok {
		t.Error("another text passed for the signed one")
	}
}

func TestLoadRefusesANamelessOperator(t *testing.T) {
	if _, err := consent.Load(consent.Operator{}); err == nil {
		t.Error("a consent to nobody was loaded")
	}
}

func TestALanguageWithoutATextReadsEnglish(t *testing.T) {
	lib, _ := consent.Load(venue)
	if doc, ok := lib.Text(kaopass.ForAdmission, kaopass.Korean); !ok || doc.Language != kaopass.English {
		t.Errorf("got %q", doc.Language)
	}
	if _, ok := lib.Text("advertising", kaopass.English); ok {
		t.Error("there is a text for a purpose that does not exist")
	}
}
