"""The helper mounts a page that counts objects; its test cannot fail and is not run."""
import enginebus


class GCRoot:
    @enginebus.expose
    def stats(self):
        return "Statistics:"
