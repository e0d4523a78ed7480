package extract

// Types, Relations, Acts, Roles, Links, Statuses and Domains are the label sets of GUIDE.md, in the order of
// the heads file; New refuses a file with another order.
var (
	Types = []string{"PERSON", "ANIMAL", "ORG", "PLACE", "PRODUCT", "WORK", "EVENT", "ACTIVITY", "FOOD", "HEALTH",
		"ROLE", "GROUP", "TIME", "QUANTITY", "CONTACT", "CONCEPT"}
	Relations = []string{"is_a", "also_called", "age", "birthday", "has_attribute", "has_value", "contact", "spouse_of",
		"parent_of", "sibling_of", "relative_of", "friend_of", "colleague_of", "knows", "has_pet", "works_at",
		"works_as", "works_on", "studies_at", "studies", "manages", "founded", "member_of", "skilled_in", "lives_in",
		"from_place", "located_in", "visited", "likes", "dislikes", "wants", "has_condition", "takes", "owns", "uses",
		"consumes", "does", "attends", "created", "happens_at", "part_of", "causes", "open"}
	Acts     = []string{"statement", "question", "command", "correction", "social"}
	Roles    = []string{"none", "claim", "evidence", "conclusion"}
	Links    = []string{"none", "supports", "attacks", "concludes"}
	Statuses = []string{"current", "past", "planned"}
	Domains  = []string{"casual", "kids", "emotional", "work", "technical", "medical", "legal", "news", "academic",
		"story", "monologue"}
)

// mentionTags are the tags of third-person mentions: none, first word, further word, or only the
// pronoun at the head of a run-together word ("theyre").
var mentionTags = []string{"O", "B", "I", "H"}

// VectorWidth is the number of floats in [Record.Vector].
const VectorWidth = 384

// What a mention is to the pair heads: one of Types by its index, or one of these.
const (
	kindUser = 16 + iota
	kindPronoun
	kindAsked
)

const kindTime = 12 // TIME in Types

// The shape of the input: the first piece of the text stands at position textAt, [CLS] before it and
// the context before that, so that positions alone tell context from text.
const (
	textAt    = 256
	maxPieces = 250 // of the text
	maxBefore = 200 // of the context
)

// The relations that are read in a way of their own.
const (
	relHappens = "happens_at" // takes no time beside its object
	relOpen    = "open"       // has a predicate
)

func set(words ...string) map[string]bool {
	m := make(map[string]bool, len(words))
	for _, w := range words {
		m[w] = true
	}
	return m
}

var symmetric = set("spouse_of", "sibling_of", "relative_of", "friend_of", "colleague_of", "knows")

// firstPerson are the words that mean the speaker; the last two as recognisers write them.
var firstPerson = set("i", "me", "my", "mine", "myself", "we", "us", "our", "ours", "ourselves", "im", "ive")

// plural are the pronouns that may stand for several named ones.
var plural = set("they", "them", "their", "theirs", "themselves", "em", "both", "those", "these")

// headOf is the pronoun at the head of a run-together word.
var headOf = map[string]string{"hes": "he", "shes": "she", "its": "it", "theyre": "they", "theyve": "they",
	"theyll": "they", "theyd": "they", "hell": "he", "hed": "he", "shed": "she", "shell": "she", "itll": "it",
	"itd": "it", "thats": "that", "theres": "there", "heres": "here", "thatll": "that", "thatd": "that",
	"thems": "them", "itsa": "it", "hesa": "he", "shesa": "she", "thisll": "this", "thosere": "those"}
