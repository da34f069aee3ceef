// Layers in the notation that Python reads; tests/unit/test_network_builder.py reads it back.

import assert from "node:assert/strict";
import test from "node:test";

import { changeBlock, writeLayer } from "../../cnnviz/web/components/layer_list/layer_list.js";

const row = { block: "conv", size: 6, kernel: 5, stride: 2, padding: 1 };

test("a layer is written with the numbers that it has", () => {
  assert.equal(writeLayer(row), "conv6k5s2p1");
  assert.equal(writeLayer({ ...row, block: "max", size: 2 }), "max2s2p1");
  assert.equal(writeLayer({ ...row, block: "fc", size: 84 }), "fc84");
  assert.equal(writeLayer({ ...row, block: "dropout", size: 50 }), "dropout50");
  assert.equal(writeLayer({ ...row, block: "gap" }), "gap");
});

test("another layer begins with its usual numbers", () => {
  assert.equal(writeLayer(changeBlock(row, "conv")), "conv16k3s1p0");
  assert.equal(writeLayer(changeBlock(row, "avg")), "avg2s2p0");
  assert.equal(writeLayer(changeBlock(row, "relu")), "relu");
});
