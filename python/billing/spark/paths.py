class PathBatches: pass
def check(options): pass
