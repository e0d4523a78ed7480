// Package extract turns what a person says into facts.
//
// One utterance, with up to three utterances before it, becomes one [Record]: the entities, the
// pronouns and what they point to, the relations, the speech act, the role of each sentence and the
// links between them. What belongs in a record is laid down in GUIDE.md, the contract between the
// training data, the model and every measurement; the JSON form of a record is the guide's own.
//
// The way of an utterance:
//
//	x, err := extract.New(encoder, "extractor-small.heads.safetensors")
//	rec, err := x.Extract(ctx, extract.Input{Text: "my dog Potola is five", Context: before})
//	claims := extract.Claims(rec) // what the store takes
//
// [Extractor.Partial] reads a text that is still being spoken and holds back what the next words may deny;
// [Extractor.ExtractAll] reads utterances that wait, several in one pass. The last thousand readings are remembered.
//
// [Tokenizer] cuts the text into words and word pieces, an [Encoder] gives a vector for each piece
// in one pass, and everything after that is small matrices: there is no text generation, so
// nothing can be said that the text does not hold. The encoder is the only native part and lives in
// extract/llama, with the products that it may lend as a [Multiplier]; all else here is plain Go and can
// be tested without a model. Confidences mean what they say: of a hundred facts told with .8, eighty are right.
//
// All offsets are Unicode code points into the utterance, end exclusive, as in the guide; [Cut] and
// [ByteSpan] lead to Go's bytes.
//
// [Score] compares records with gold ones, by the guide's section 7. It is the only scorer: the
// figures of the program, of the tests and of the training kit mean the same. [StreamReport] tells how the facts
// came up while the words did.
//
// What is deliberately absent: world knowledge, guesses across conversations, and any reading of
// recalled text. A record holds what this utterance said.
package extract

import "context"

// An Encoder gives every token of one sequence a vector, in a single pass over all of them.
type Encoder interface {
	// Encode returns len(tokens) rows of Dim floats, one after the other. The positions of the
	// tokens run first, first+1, ...; they must stay below the encoder's trained length (512).
	Encode(ctx context.Context, tokens []int32, first int) ([]float32, error)
	// EncodeAll is Encode for several sequences, none of which sees another, in a single pass over all: at most
	// 64 of them, with 512 tokens together.
	EncodeAll(ctx context.Context, all []Sequence) ([][]float32, error)
	Dim() int
	// Hash tells encoders apart: the SHA-256 of the model file in hex. Heads fit one encoder only.
	Hash() string
	Close() error
}

// A Sequence is what an encoder takes: tokens, and the position of the first.
type Sequence struct {
	Tokens []int32
	First  int
}

// An Input is one utterance to be understood.
type Input struct {
	ID      string   `json:"id"`
	Domain  string   `json:"domain"`  // one of Domains; the extractor's guess where it is empty
	Context []string `json:"context"` // up to three utterances before it, oldest first
	Text    string   `json:"text"`
}
