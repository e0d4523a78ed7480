package main

import (
	"testing"
	"time"
)

func TestClockSumsUpByRank(t *testing.T) {
	var c Clocks
	for n := 100; n >= 1; n-- { // the order of arrival does not count
		c.add(time.Duration(n)*time.Millisecond, 0)
	}
	text, sound := c.Read()
	if want := (Times{N: 100, P50: 50, P95: 95, Max: 100}); text != want {
		t.Errorf("text %+v, want %+v", text, want)
	}
	if sound != (Times{}) {
		t.Errorf("sound %+v, though no line had any", sound)
	}
}

func TestClockForgetsTheOldestAndNotTheNewest(t *testing.T) {
	var c Clocks
	for range keepTimes {
		c.add(time.Second, time.Second)
	}
	c.add(time.Millisecond, 2*time.Millisecond)
	text, sound := c.last()
	if text != time.Millisecond || sound != 2*time.Millisecond {
		t.Errorf("the newest times are %v and %v", text, sound)
	}
	if n, _ := c.Read(); n.N != keepTimes/2+1 {
		t.Errorf("%d times are kept, want %d", n.N, keepTimes/2+1)
	}
}
