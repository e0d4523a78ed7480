package ui

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"path"
	"strings"

	"hotmem/graphstore"
)

// Rules for every text in this file: a sentence a friend would say, in the present tense, without the words entity, triple, database or
// error; first what is the matter, then what to do about it. What was said never appears in it.

// Trouble is something a person should know, with the way out of it.
type Trouble struct {
	Error string `json:"error"`
	Next  string `json:"next"`
}

// Troubles of the program that the panel and the menu show.
var (
	NoMicrophone     = Trouble{"I can't find a microphone.", "Plug one in or choose an input in the sound settings, then press Start listening. A recording works without one."}
	MicrophoneSilent = Trouble{"The microphone has gone silent.", "See whether it is still plugged in and not muted; I start again by myself when sound returns."}
	DiskFull         = Trouble{"I can't write to the disk any more.", "Make room on the disk; listening goes on as soon as there is some."}
	ModelMissing     = Trouble{"A model that I need is missing or broken.", "Run hotmem doctor: it names the file and how to get it back. Then start HotMem again."}
	StillFinishing   = Trouble{"I am still busy with what was said before.", "I get to it by myself as soon as that is done; press again if I don't."}
	Closing          = Trouble{"HotMem is just closing.", "Start it again to go on."}
	CannotListen     = Trouble{"Something keeps me from listening.", "Try again; if it stays, run hotmem doctor, which looks at everything I need."}
	Unheard          = Trouble{"I could not make out what was just said.", "Say it again if it matters; nothing else is lost."}
	Unlearned        = Trouble{"I could not learn from something that was said.", "Its words are safe; I try again when HotMem starts the next time."}
	Unlearnable      = Trouble{"There is a sentence that I can't learn from; it is too long, or too much at once.", "Its words are safe; add by hand what matters."}
)

// Err makes an error of it, whose words the page shows as they are; for [Options].Listen.
func (t Trouble) Err() error { return failure{http.StatusConflict, t} }

// failure is a refusal of the API: a status code and the words for it.
type failure struct {
	code int
	Trouble
}

func (f failure) Error() string { return f.Trouble.Error }

var (
	wrongAddress = failure{http.StatusForbidden, Trouble{"This address is not the panel's.", "Open the panel from the menu, or by the address that the program printed."}}
	foreignPage  = failure{http.StatusForbidden, Trouble{"Another page tried to use the panel.", "Open the panel from the menu, or by the address that the program printed."}}
	notInvited   = failure{http.StatusUnauthorized, Trouble{"I don't know this browser.", "Open the panel from the menu, or start HotMem once more: each address lets one browser in, once."}}
	tooManyPages = failure{http.StatusTooManyRequests, Trouble{"Too many panels are open.", "Close some of them; this one comes alive by itself."}}
	noSuchPath   = failure{http.StatusNotFound, Trouble{"There is nothing at this address.", "Go back to the panel's first page."}}
	notFound     = failure{http.StatusNotFound, Trouble{"That is not in my memory any more.", "It may have been undone or replaced; close the card and look at the list."}}
	notJSON      = failure{http.StatusUnsupportedMediaType, Trouble{"I expected JSON.", "Send it with the content type application/json."}}
	tooBig       = failure{http.StatusRequestEntityTooLarge, Trouble{"That is too long.", "Keep it under 64 KB."}}
	doesNotFit   = failure{http.StatusConflict, Trouble{"That doesn't fit what I know.", "The fact may have changed meanwhile; open it again and look."}}
	nothingUndo  = failure{http.StatusConflict, Trouble{"There is nothing to undo.", "Corrections you make from now on can be undone."}}
	nothingRedo  = failure{http.StatusConflict, Trouble{"There is nothing to do again.", "Only what was just undone can come back."}}
	noListening  = failure{http.StatusNotImplemented, Trouble{"This start of the program can't be told to listen or pause.", "Start it with ./build.sh run to have a microphone."}}
	internal     = failure{http.StatusInternalServerError, Trouble{"Something went wrong inside the program.", "Try again; if it stays, start the program again. What was said is safe on the disk."}}
)

// noPage is for a program that was built before the page.
var noPage = failure{http.StatusServiceUnavailable, Trouble{"The panel's page was not built into this program.", "Run ./build.sh build, then start again."}}

func wrongMethod(allowed string) failure {
	return failure{http.StatusMethodNotAllowed, Trouble{"This can't be asked in that way.", "Use " + allowed + "."}}
}

// unreadable says what is wrong with a request in the words of the one who wrote it.
func unreadable(what string) failure {
	return failure{http.StatusBadRequest, Trouble{"I can't read that: " + what + ".", "Correct it and try again."}}
}

// badJSON tells what a decoder disliked. Only its shape is passed on: a decoder's message may quote what the person wrote.
func badJSON(err error) failure {
	var big *http.MaxBytesError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &big):
		return tooBig
	case errors.As(err, &kind):
		return unreadable(fmt.Sprintf("the field %q has the wrong kind of value", kind.Field))
	case err != nil && strings.Contains(err.Error(), "unknown field"):
		return unreadable("there is a field that I don't know")
	}
	return unreadable("it is not one JSON object")
}

// wordsFor finds the words for an error by its kind.
func wordsFor(err error) failure {
	var f failure
	switch {
	case errors.As(err, &f):
		return f
	case errors.Is(err, graphstore.ErrNotFound):
		return notFound
	case errors.Is(err, graphstore.ErrInvalid), errors.Is(err, graphstore.ErrStale):
		return doesNotFit
	case errors.Is(err, graphstore.ErrFull):
		return failure{http.StatusInsufficientStorage, DiskFull}
	}
	return internal
}

// fail answers with words: JSON for the page's script, two plain lines for a person who typed an address.
func fail(w http.ResponseWriter, r *http.Request, f failure) {
	h := w.Header()
	if strings.HasPrefix(r.URL.Path, "/api/") {
		h.Set("Content-Type", "application/json")
		w.WriteHeader(f.code)
		json.NewEncoder(w).Encode(f.Trouble)
		return
	}
	h.Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(f.code)
	fmt.Fprintf(w, "%s\n\n%s\n", f.Trouble.Error, f.Next)
}

func contentType(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".woff2":
		return "font/woff2"
	}
	return "application/octet-stream"
}

// vocabulary is words.json: the one table of relations and types, bundled into the page as well.
type vocabulary struct {
	Relations []struct {
		ID, Verb, Third, Past, Rest, Pick string
		Symmetric                         bool
	}
	Types []struct{ ID, Name, Family string }
	Pasts map[string]string
}

//go:embed words.json
var wordsJSON []byte

var (
	words     = readWords()
	relations = relationTable()
)

func readWords() (v vocabulary) {
	if err := json.Unmarshal(wordsJSON, &v); err != nil {
		panic("ui: internal error: words.json: " + err.Error())
	}
	return v
}

// verb is a relation's verb in its three forms, and the words after it.
type verb struct{ base, third, past, rest string }

func relationTable() map[string]verb {
	table := make(map[string]verb, len(words.Relations))
	for _, r := range words.Relations {
		table[r.ID] = verb{r.Verb, r.Third, r.Past, r.Rest}
	}
	return table
}

// Saying puts a relation into words, as it stands between two names: "lives in", "does not live in", "will go to". With you set the subject is the
// person who speaks: "live in".
func Saying(relation, predicate string, negated bool, status string, you bool) string {
	v, ok := relations[relation]
	if !ok {
		v = openVerb(predicate)
	}
	return strings.TrimSpace(v.say(negated, status, you) + " " + v.rest)
}

func (v verb) say(negated bool, status string, you bool) string {
	pick := func(cond bool, yes, no string) string {
		if cond {
			return yes
		}
		return no
	}
	not := pick(negated, " not", "")
	switch {
	case status == "planned":
		return "will" + not + " " + v.base
	case v.base == "be" && status == "past":
		return pick(you, "were", v.past) + not
	case v.base == "be":
		return pick(you, "are", v.third) + not
	case negated && status == "past":
		return "did not " + v.base
	case negated && v.third == v.past: // told as done: founded, visited, made
		return "did not " + v.base
	case negated:
		return pick(you, "do", "does") + " not " + v.base
	case status == "past":
		return v.past
	case you && v.third != v.past:
		return v.base
	}
	return v.third
}

// openVerb bends a predicate such as "give up" or "be proud of"; its first word is the verb in its base form.
func openVerb(predicate string) verb {
	base, rest, _ := strings.Cut(strings.TrimSpace(predicate), " ")
	base = strings.ToLower(base)
	switch base {
	case "":
		return verb{"be", "is", "was", "tied to"}
	case "be":
		return verb{"be", "is", "was", rest}
	case "have":
		return verb{"have", "has", "had", rest}
	}
	past, ok := words.Pasts[base]
	if !ok {
		past = regularPast(base)
	}
	return verb{base, thirdPerson(base), past, rest}
}

func thirdPerson(base string) string {
	switch {
	case base == "do" || base == "go" || hasSuffix(base, "s", "x", "z", "ch", "sh"):
		return base + "es"
	case endsInConsonantY(base):
		return base[:len(base)-1] + "ies"
	}
	return base + "s"
}

func regularPast(base string) string {
	n := len(base)
	switch {
	case hasSuffix(base, "e"):
		return base + "d"
	case endsInConsonantY(base):
		return base[:n-1] + "ied"
	case n == 3 || n == 4: // stop, plan, jog: one short vowel before a single consonant doubles it
		if strings.ContainsRune("bdgmnprt", rune(base[n-1])) && vowel(base[n-2]) && !vowel(base[n-3]) {
			return base + base[n-1:] + "ed"
		}
	}
	return base + "ed"
}

func hasSuffix(s string, ends ...string) bool {
	for _, e := range ends {
		if strings.HasSuffix(s, e) {
			return true
		}
	}
	return false
}

func endsInConsonantY(s string) bool { return len(s) > 1 && s[len(s)-1] == 'y' && !vowel(s[len(s)-2]) }

func vowel(b byte) bool { return strings.IndexByte("aeiou", b) >= 0 }

// Sentence tells a claim as a friend would: "Marta lives in Lisbon", "You will go to the wedding (in June)".
func Sentence(c graphstore.Claim) string {
	you := c.Subject.Type == userType
	s := nameFor(c.Subject) + " " + Saying(c.Relation, c.Predicate, c.Negated, c.Status, you)
	if c.Object.Type == userType {
		s += " you"
	} else if c.Object.Name != "" {
		s += " " + c.Object.Name
	}
	if c.When != "" {
		s += " (" + c.When + ")"
	}
	return s
}

const userType = "USER"

func nameFor(t graphstore.Term) string {
	if t.Type == userType {
		return "You"
	}
	return t.Name
}
