"""The tables, which are made with the database and not by Django."""

from django.db import models


class User(models.Model):
    id = models.IntegerField(primary_key=True)
    name = models.TextField()
    email = models.TextField(unique=True)

    class Meta:
        managed = False
        db_table = "users"


class World(models.Model):
    id = models.IntegerField(primary_key=True)
    random_number = models.IntegerField()

    class Meta:
        managed = False
        db_table = "world"


class AnyFortune(models.Model):
    id = models.IntegerField(primary_key=True)
    message = models.TextField()

    class Meta:
        abstract = True
        managed = False


class Fortune(AnyFortune):
    class Meta(AnyFortune.Meta):
        abstract = False
        db_table = "fortune"


class Fortune200(AnyFortune):
    class Meta(AnyFortune.Meta):
        abstract = False
        db_table = "fortune200"
