import requests


class Client:
    def get(self, url):
        return requests.get(url, timeout=5)
