import redis

POOL = redis.Redis
