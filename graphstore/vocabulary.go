package graphstore

import "slices"

// Types are the entity types a Term may have; "USER" stands beside them.
var Types = []string{
	"PERSON", "ANIMAL", "ORG", "PLACE", "PRODUCT", "WORK", "EVENT", "ACTIVITY",
	"FOOD", "HEALTH", "ROLE", "GROUP", "TIME", "QUANTITY", "CONTACT", "CONCEPT",
}

// userType is the type of the speaker, who is one node.
const userType = "USER"

// open is the relation whose meaning stands in the predicate.
const open = "open"

// alsoCalled is the relation that gives its subject another name.
const alsoCalled = "also_called"

// Relations are the relations a Claim may have.
var Relations = []string{
	"is_a", "also_called", "age", "birthday", "has_attribute", "has_value", "contact",
	"spouse_of", "parent_of", "sibling_of", "relative_of", "friend_of", "colleague_of", "knows",
	"has_pet", "works_at", "works_as", "works_on", "studies_at", "studies", "manages", "founded",
	"member_of", "skilled_in", "lives_in", "from_place", "located_in", "visited", "likes",
	"dislikes", "wants", "has_condition", "takes", "owns", "uses", "consumes", "does", "attends",
	"created", "happens_at", "part_of", "causes", "open",
}

// Statuses are the values of Claim.Status; empty means the first.
var Statuses = []string{"current", "past", "planned"}

// Symmetric reports whether a relation says the same in either direction.
func Symmetric(relation string) bool {
	switch relation {
	case "spouse_of", "sibling_of", "relative_of", "friend_of", "colleague_of", "knows":
		return true
	}
	return false
}

// alike are pairs of types that recognition mixes up for one and the same
// thing (a school is heard as ORG and as PLACE). Persons and animals are not
// among them: two of one name are far more often two than one.
var alike = [][2]string{
	{"ORG", "PLACE"}, {"ORG", "GROUP"}, {"ORG", "PRODUCT"}, {"PLACE", "GROUP"},
	{"PRODUCT", "WORK"}, {"EVENT", "ACTIVITY"}, {"EVENT", "WORK"}, {"FOOD", "PRODUCT"},
	{"FOOD", "HEALTH"}, {"PERSON", "ROLE"}, {"PERSON", userType}, {"TIME", "QUANTITY"},
}

// compatible reports whether a mention of type b may mean a node of type a.
func compatible(a, b string) bool {
	if a == b {
		return true
	}
	if a == "CONCEPT" || b == "CONCEPT" {
		return a != userType && b != userType
	}
	return slices.Contains(alike, [2]string{a, b}) || slices.Contains(alike, [2]string{b, a})
}
