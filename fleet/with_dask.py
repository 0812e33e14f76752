"""Dask runs the shards of a fleet: with_dask.py BINARY FLEET_FILE SHARDS DIRECTORY.

Each task is one process of the program; on a cluster the workers need the binary and the roots at the same paths. Ray and Spark take the same
function: `ray.remote(scan)`, `sparkContext.parallelize(shards).map(scan)`.
"""

import pathlib
import subprocess
import sys

import dask


def scan(binary: str, fleet: str, shard: int, of: int, directory: str) -> str:
    """Checks one shard and gives back its file of lines."""
    lines = str(pathlib.Path(directory) / f"lines-{shard}.jsonl")
    subprocess.run([binary, "scan-many", "--repos", fleet, "--shard", f"{shard}/{of}", "--to", lines], check=True)
    return lines


def main() -> None:
    binary, fleet, shards, directory = sys.argv[1:]
    pathlib.Path(directory).mkdir(parents=True, exist_ok=True)
    tasks = [dask.delayed(scan)(binary, fleet, shard, int(shards), directory) for shard in range(1, int(shards) + 1)]
    for lines in dask.compute(*tasks, scheduler="threads"):
        print(lines)


if __name__ == "__main__":
    main()
