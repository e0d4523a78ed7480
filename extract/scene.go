package extract

import (
	"context"
	"fmt"
	"strings"
)

// A seenWord is one word of the input as the heads see it.
type seenWord struct {
	Word
	piece int // index of its first piece among all pieces
	part  int // -1 for the text, else the index of its context utterance
}

// A scene is one encoded input: its words, with the vector of each one's first piece.
type scene struct {
	in      Input
	words   []seenWord
	from    int       // first word of the text
	width   int       // floats a vector
	vectors []float32 // len(words) rows
	cls     []float32
}

// at is the vector of a word; a mention without a place has that of [CLS].
func (s *scene) at(i int) []float32 {
	if i < 0 {
		return s.cls
	}
	return s.vectors[i*s.width : (i+1)*s.width]
}

// source is the text that the words of a part stand in.
func (s *scene) source(part int) string {
	if part < 0 {
		return s.in.Text
	}
	return s.in.Context[part]
}

// span is the text of words a..b, which stand in one part.
func (s *scene) span(a, b int) string {
	return Cut(s.source(s.words[a].part), s.words[a].Start, s.words[b].End)
}

// worthwhile is the room, in pieces, for which a part of a context utterance is still taken in.
const worthwhile = 20

// layout cuts an input into pieces: context [SEP] … [CLS] text [SEP]. Of a context that does not fit the
// last words stay; of the text, more than maxPieces pieces are not seen (see Extract).
func (t *Tokenizer) layout(in Input) (pieces []int32, words []seenWord, cls int) {
	room, oldest := maxBefore, len(in.Context)
	cut := make([][]Word, len(in.Context))
	for k := len(in.Context) - 1; k >= 0; k-- {
		cut[k] = t.Words(in.Context[k])
		n := count(cut[k])
		if n+1 > room && room <= worthwhile {
			break
		}
		for ; n+1 > room; cut[k] = cut[k][1:] {
			n -= len(cut[k][0].Pieces)
		}
		room -= n + 1
		oldest = k
	}
	add := func(ws []Word, part, limit int) {
		at := len(pieces)
		for _, w := range ws {
			if len(pieces)-at >= limit {
				break
			}
			words = append(words, seenWord{w, len(pieces), part})
			pieces = append(pieces, w.Pieces...)
		}
		pieces = append(pieces[:min(len(pieces), at+limit)], t.SEP)
	}
	for k := oldest; k < len(in.Context); k++ {
		add(cut[k], k, maxBefore)
	}
	cls = len(pieces)
	pieces = append(pieces, t.CLS)
	add(t.Words(in.Text), -1, maxPieces)
	return pieces, words, cls
}

func count(ws []Word) (n int) {
	for _, w := range ws {
		n += len(w.Pieces)
	}
	return n
}

// lay cuts an input into what the encoder takes; a text without words needs no encoder.
func (x *Extractor) lay(in Input) (s *scene, q Sequence, any bool) {
	pieces, words, cls := x.tok.layout(in)
	s = &scene{in: in, words: words, from: len(words), width: x.heads.hidden}
	for i, w := range words {
		if w.part < 0 {
			s.from = i
			break
		}
	}
	return s, Sequence{Tokens: pieces, First: textAt - 1 - cls}, s.from < len(words)
}

// take picks the vectors of the words out of those of all tokens.
func (s *scene) take(hidden []float32, q Sequence) {
	cls := textAt - 1 - q.First
	s.cls = hidden[cls*s.width : (cls+1)*s.width]
	s.vectors = make([]float32, len(s.words)*s.width)
	for i, w := range s.words {
		copy(s.vectors[i*s.width:(i+1)*s.width], hidden[w.piece*s.width:])
	}
}

// see runs the encoder over an input.
func (x *Extractor) see(ctx context.Context, in Input) (*scene, error) {
	s, q, any := x.lay(in)
	if !any {
		return s, nil
	}
	hidden, err := x.enc.Encode(ctx, q.Tokens, q.First)
	if err != nil {
		return nil, fmt.Errorf("encode %d pieces: %w", len(q.Tokens), err)
	}
	s.take(hidden, q)
	return s, nil
}

// windows cuts a text that is too long for one pass at the ends of sentences, else between words.
// Most utterances are one window.
func (t *Tokenizer) windows(text string) [][2]int {
	words := t.Words(text)
	if count(words) <= maxPieces {
		return [][2]int{{0, len([]rune(text))}}
	}
	var out [][2]int
	start, used, stop := 0, 0, -1 // stop: the last word of a sentence in this window
	for i := 0; i < len(words); i++ {
		if used += len(words[i].Pieces); used > maxPieces && i > start {
			if stop < start {
				stop = i - 1
			}
			out = append(out, [2]int{words[start].Start, words[stop].End})
			start, used = stop+1, 0
			i = stop
			continue
		}
		if strings.Contains(".!?", words[i].Text) {
			stop = i
		}
	}
	return append(out, [2]int{words[start].Start, words[len(words)-1].End})
}
